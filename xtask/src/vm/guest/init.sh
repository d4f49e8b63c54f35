#!/bin/busybox sh
# The first process of the virtual machine: mounts the sticks, runs the job, and ends the machine as the job specifies.
# /job/sticks has a line for each stick (label, file system, mount options), /job/who the user, /job/ending the ending.

/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t securityfs securityfs /sys/kernel/security
for module in /modules/*; do
    insmod "$module"
done

# The job's own serial port, in raw mode. The kernel writes to the other one. It stays open here: while a port is closed for the last
# time, the kernel refuses to open it again (EAGAIN).
exec 3>/dev/ttyS1
stty -F /dev/ttyS1 raw

. /lib.sh
read -r who </job/who
read -r ending </job/ending
while read -r label type options; do
    # Sticks appear one after another, in any order: only the label identifies them.
    until device "$label" >/dev/null 2>&1; do
        usleep 50000
    done
    mkdir -p "/media/$label"
    case $type in
    swap) ;;
    *) mount -t "$type" -o "$options" "$(device "$label")" "/media/$label" ;;
    esac
    case $type in
    ext4) chown "$who" "/media/$label" && chmod 700 "/media/$label" ;;
    esac
done </job/sticks

su -s /bin/sh "$who" -c '. /lib.sh; . /job/script' >/dev/ttyS1 2>&1 </dev/null 3>&-
echo "@finished" >&3
# Setting the port's mode waits until everything is sent.
stty -F /dev/ttyS1 raw

case $ending in
reset) echo b >/proc/sysrq-trigger ;;
*)
    umount -a -t vfat,exfat,ext4
    poweroff -f
    ;;
esac
