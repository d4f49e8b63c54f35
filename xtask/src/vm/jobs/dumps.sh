# A crash of the program leaves no core file; a crash of another program with the same secrets does.

planted=b51c6d0e9f7a4823PLANTEDb51c6d0e9f7a4823
typed="a line that nobody else could have thought of"

# aborted NAME WORDS COMMAND…: runs the command with one secret in its environment and another one typed, and aborts it once it has
# printed the words. Prints its core files, and which secrets are in them.
aborted() {
    folder=/tmp/aborted-$1
    words=$2
    shift 2
    mkdir -m 700 "$folder"
    mkfifo "$folder/typed"
    : >"$folder/said"
    (
        cd "$folder" || exit
        ulimit -c unlimited
        export PLANTED="$planted"
        exec "$@" <typed >said 2>&1
    ) &
    program=$!
    exec 3>"$folder/typed"
    # In a separate shell, because a broken pipe ends it.
    (echo "$typed" >&3)
    until grep -q "$words" "$folder/said"; do
        kill -0 "$program" || break
        usleep 50000
    done
    kill -ABRT "$program"
    wait "$program"
    code=$?
    exec 3>&-
    for core in "$folder"/core*; do
        [ -e "$core" ] || continue
        echo "core"
        grep -q "$planted" "$core" && echo "planted"
        grep -q "$typed" "$core" && echo "typed"
    done
    return "$code"
}

step core-pattern cat /proc/sys/kernel/core_pattern
step aborted-control aborted control "$typed" cat
step aborted-program aborted program "empty line ends" \
    keyferry-offline generate --bits 256 --entropy text --entropy dice --out material
