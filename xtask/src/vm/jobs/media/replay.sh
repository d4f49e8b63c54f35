# Runs the same command again on each state of a stick. Needs root and two sticks without a file system: one with all $count states of
# $size sectors each, one more sector at its end; and one of a single state. $type, $options and $repair are the file system's. The
# sticks are identified by their size.

# disk SECTORS: the stick of this size.
disk() {
    for disk in /sys/class/block/sd?; do
        [ "$(cat "$disk/size" 2>/dev/null)" != "$1" ] || echo "/dev/${disk##*/}"
    done
}
until [ -n "$(disk "$size")" ] && [ -n "$(disk $((size * count + 1)))" ]; do
    usleep 50000
done
states=$(disk $((size * count + 1)))
stick=$(disk "$size")
folder=/media/stick
mkdir -p "$folder"

# quiet NAME COMMAND…: a step whose error output is only the final message to a person.
quiet() {
    name=$1
    shift
    echo "@begin $name"
    "$@" >/tmp/out 2>/tmp/err </dev/null
    code=$?
    grep -E '^(error|hint|[a-z]+:)' /tmp/err
    printf '\n@out %s\n' "$name"
    printf '\n@end %s %s\n' "$name" "$code"
    return "$code"
}

# found N: prints what is on the stick: the record's lines that name the output, the output's digest, hidden files.
found() {
    step "record-$1" grep "$line" "$folder/transcript.jsonl"
    step "digest-$1" sha256sum "$folder/$output"
    step "hidden-$1" sh -c 'cd "$0" && ls -A | grep "^\\." || true' "$folder"
}

n=0
while [ $n -lt "$count" ]; do
    dd if="$states" of="$stick" bs=$((size * 512)) skip=$n count=1 conv=notrunc 2>/dev/null
    repaired=
    if ! quiet "mount-$n" mount -t "$type" -o "$options" "$stick" "$folder"; then
        quiet "repair-$n" $repair "$stick"
        repaired=yes
        quiet "mount-again-$n" mount -t "$type" -o "$options" "$stick" "$folder"
    fi
    quiet "first-$n" again "$folder"
    if [ -z "$repaired" ] && grep -q fsck.vfat /tmp/err; then
        umount "$folder"
        quiet "repair-$n" $repair "$stick"
        mount -t "$type" -o "$options" "$stick" "$folder"
        quiet "second-$n" again "$folder"
    fi
    found $n
    umount "$folder"
    n=$((n + 1))
done
