# Functions for every job.

# step NAME COMMAND…: runs the command and prints what xtask/src/vm/output.rs reads. Outputs need not end with a newline, so
# one is added to each.
step() {
    name=$1
    shift
    echo "@begin $name"
    # Standard error is not the terminal, because text would be laid out for the terminal's window.
    "$@" >/tmp/out 2>/tmp/said </dev/null
    code=$?
    cat /tmp/said
    printf '\n@out %s\n' "$name"
    cat /tmp/out
    printf '\n@end %s %s\n' "$name" "$code"
}

# device LABEL: the device of a stick.
device() {
    findfs "LABEL=$1"
}

# mark LABEL: writes the last sector of a mounted stick, which is after its file system, bypassing every cache. The log of the
# stick's writes then shows what came before this moment. The kernel uses its cache if that page is in use, as it is just after
# `findfs` has read it. So the device comes from the table of mounts, and the stick's own count shows whether the write reached it.
mark() {
    stick=$(grep " /media/$1 " /proc/mounts | cut -d ' ' -f 1)
    counts=/sys/class/block/${stick#/dev/}
    sectors=$(cat "$counts/size")
    while :; do
        before=$(written "$counts")
        dd if=/dev/zero of="$stick" bs=512 count=1 seek=$((sectors - 1)) conv=notrunc oflag=direct 2>/dev/null
        [ "$(written "$counts")" = "$before" ] || return 0
        echo 1 >/proc/sys/vm/drop_caches
    done
}

# written FOLDER: how many writes a device has completed.
written() {
    # shellcheck disable=SC2046 # the numbers are the arguments
    set -- $(cat "$1/stat")
    echo "$5"
}

# offline COMMAND ROOM FOLDER [ARGUMENTS…]: the offline program with the plan and the parameters of a room.
offline() {
    command=$1
    room=/job/$2
    folder=$3
    shift 3
    keyferry-offline "$command" --json --plan "$room/plan.toml" --parameters "$room/parameters.json" --out "$folder" "$@"
}

# wrap ROOM FOLDER [ARGUMENTS…]: runs wrap like a script, with the digest in place of a person's answer.
wrap() {
    digest=$(sha256sum "/job/$1/parameters.json")
    offline wrap "$@" --expect-digest "${digest%% *}"
}

# head_of TRANSCRIPT: the digest of its last whole line; nothing if it has none. A power cut can leave zeros after it.
head_of() {
    tr -d '\000' <"$1" >/tmp/record
    if [ -n "$(tail -c 1 /tmp/record)" ]; then
        sed '$d' /tmp/record | tail -n 1
    else
        tail -n 1 /tmp/record
    fi >/tmp/line
    [ ! -s /tmp/line ] || tr -d '\n' </tmp/line | sha256sum | cut -d ' ' -f 1
}
