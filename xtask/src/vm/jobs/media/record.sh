# One run onto each stick while QEMU records the writes. Needs root; $sticks has their labels.

for label in $sticks; do
    folder=/media/$label
    before "$folder"
    sync
    # What came before is not under test.
    mark "$label"
    step "$label" again "$folder"
    mark "$label"
    # Everything that the kernel still held back is written.
    sync
done
