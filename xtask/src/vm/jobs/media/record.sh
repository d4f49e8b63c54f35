# One run onto each stick while QEMU records the writes. Needs root; $sticks has their labels.

for label in $sticks; do
    folder=/media/$label
    before "$folder"
    sync
    # Earlier writes are not under test.
    mark "$label"
    step "$label" again "$folder"
    mark "$label"
    # The kernel writes everything that it has not written yet.
    sync
done
