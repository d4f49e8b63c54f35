# Changes while a question is open: the machine and the clock are checked again before anything is made. Needs root and the sticks
# EXT4 and SWAP, and an earlier record in /tmp/adversary.

# later SECONDS: moves the clock forward or back.
later() { date -s "@$(($(date +%s) + $1))" >/dev/null; }

# answered CHANGE COMMAND…: runs the command up to its question; then makes the change; then a person types Yes.
answered() {
    change=$1
    shift
    rm -f /tmp/typed /tmp/asked
    mkfifo /tmp/typed
    : >/tmp/asked
    "$@" </tmp/typed 2>/tmp/asked &
    asking=$!
    exec 3>/tmp/typed
    until grep -q 'type Yes:' /tmp/asked; do
        kill -0 "$asking" || break
        usleep 50000
    done
    # The answer is typed on a machine that has changed. In a separate shell, because a broken pipe ends it.
    $change && (echo Yes >&3)
    exec 3>&-
    wait "$asking"
    code=$?
    cat /tmp/asked >&2
    return "$code"
}

minute() { later 61; }
interface() { later 61 && ip link set dummy0 up; }
swap() { later 61 && swapon "$(device SWAP)"; }
# The parameters are valid for less than a day.
day() { later 86400; }

undo() {
    ip link set dummy0 down
    swapoff "$(device SWAP)" 2>/dev/null
}

wrap="wrap --plan /job/plain/plan.toml --parameters /job/plain/parameters.json"
rewrap="re$wrap --transcript /tmp/adversary/earlier.jsonl"

# meanwhile NAME CHANGE COMMAND…: the same with a new folder; prints the folder's contents afterwards.
meanwhile() {
    name=$1
    folder=/media/EXT4/$name
    mkdir -m 700 "$folder"
    change=$2
    shift 2
    step "$name" answered "$change" keyferry-offline "$@" --out "$folder"
    undo
    step "left-${folder##*/}" ls -A "$folder"
}

meanwhile wrap-minute minute $wrap
meanwhile wrap-interface interface $wrap
meanwhile wrap-swap swap $wrap
meanwhile rewrap-interface interface $rewrap
meanwhile rewrap-swap swap $rewrap
meanwhile rewrap-day day $rewrap
later -86400
meanwhile wrap-day day $wrap
