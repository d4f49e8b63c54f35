# A FAT stick with every number of free clusters, until a wrap succeeds, without and with a backup. Needs root and the stick VFAT.

folder=/media/VFAT
cluster=$(stat -f -c %S "$folder")
shares=/tmp/shares

# words FILE: the words of a share's file, in the order of their numbers.
words() {
    grep -E '^ *[0-9]+ ' "$1" | xargs -n 2 | sort -n | cut -d ' ' -f 2 | xargs
}

# without: a wrap without a backup.
without() { wrap plain "$folder"; }

# with: a wrap with shares, which are typed from their files as soon as all three are there.
with() {
    rm -f /tmp/typed
    mkfifo /tmp/typed
    digest=$(sha256sum /job/shares/parameters.json)
    offline wrap shares "$folder" --shares "files=$shares" --expect-digest "${digest%% *}" </tmp/typed &
    wrapping=$!
    exec 3>/tmp/typed
    until [ -e "$shares/share-3-of-3.txt" ]; do
        kill -0 "$wrapping" 2>/dev/null || break
        usleep 50000
    done
    for file in "$shares"/share-?-of-3.txt; do
        # In a separate shell, because a broken pipe ends it.
        [ -e "$file" ] && (words "$file" >&3)
    done
    exec 3>&-
    wait "$wrapping"
}

# fill CLUSTERS: fills all clusters except this many.
fill() {
    rm -f "$folder"/* "$folder"/.[!.]*
    sync
    all=$(stat -f -c %a "$folder")
    dd if=/dev/zero of="$folder/other" bs="$cluster" count=$((all - $1)) 2>/dev/null
    sync
}

for way in without with; do
    free=0
    # The first count that suffices, and two more.
    more=3
    while [ $more -gt 0 ] && [ $free -lt 100 ]; do
        fill $free
        rm -rf "$shares"
        mkdir -m 700 "$shares"
        step "$way-$free" $way
        [ "$code" != 0 ] || more=$((more - 1))
        step "left-$way-$free" ls -A "$folder"
        step "shares-$way-$free" ls -A "$shares"
        free=$((free + 1))
    done
done
