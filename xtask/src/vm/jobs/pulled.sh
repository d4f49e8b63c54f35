# One wrap onto each stick, which is pulled out some time after its end. Needs root; $sticks has their labels.

for label in $sticks; do
    step "$label" wrap plain "/media/$label"
    # The next wrap must not make the kernel complete the writes to this stick.
    until [ ! -e "/sys/class/block/$(basename "$(grep " /media/$label " /proc/mounts | cut -d ' ' -f 1)")" ]; do
        usleep 50000
    done
done
