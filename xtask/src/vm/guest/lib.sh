# What every job can use.

# step NAME COMMAND…: runs the command and prints what xtask/src/vm/output.rs reads. Outputs need not end with a newline, so
# one is added to each.
step() {
    name=$1
    shift
    echo "@begin $name"
    "$@" >/tmp/out </dev/null
    code=$?
    printf '\n@out %s\n' "$name"
    cat /tmp/out
    printf '\n@end %s %s\n' "$name" "$code"
}

# device LABEL: the device of a stick.
device() {
    findfs "LABEL=$1"
}

# mark LABEL: writes the last sector of a stick, which is behind its file system, past every cache. The log of the
# stick's writes then says what came before this moment.
mark() {
    stick=$(device "$1")
    sectors=$(cat "/sys/class/block/${stick#/dev/}/size")
    dd if=/dev/zero of="$stick" bs=512 count=1 seek=$((sectors - 1)) conv=notrunc oflag=direct
}

# offline COMMAND ROOM FOLDER [ARGUMENTS…]: the offline program with the plan and the parameters of a room.
offline() {
    command=$1
    room=/job/$2
    folder=$3
    shift 3
    keyferry-offline "$command" --json --plan "$room/plan.toml" --parameters "$room/parameters.json" --out "$folder" "$@"
}

# wrap ROOM FOLDER [ARGUMENTS…]: as a script does it, with the digest in place of a person's answer.
wrap() {
    digest=$(sha256sum "/job/$1/parameters.json")
    offline wrap "$@" --expect-digest "${digest%% *}"
}
