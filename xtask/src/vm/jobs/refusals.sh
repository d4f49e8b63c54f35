# The reasons for which production refuses, each set up for real, and the checks that a plan may waive. Needs root and the
# sticks EXT4, VFAT and SWAP.

# refused NAME [MODE]: a wrap into a new folder; prints the folder's contents afterwards.
refused() {
    mkdir -m "${2:-700}" "/media/EXT4/$1"
    step "$1" wrap plain "/media/EXT4/$1"
    step "left-$1" ls -A "/media/EXT4/$1"
}

ip link set lo up
refused loopback-up
ip link set dummy0 up
refused interface-up
ip addr add 198.51.100.7/24 dev dummy0
refused address
ip addr flush dev dummy0
ip link set dummy0 down

swapon "$(device SWAP)"
refused swap
swapoff "$(device SWAP)"

refused open-folder 777
# A medium whose write-protect switch is on.
mkdir -m 700 /media/EXT4/read-only
mount -t tmpfs -o ro,mode=700 none /media/EXT4/read-only
step preflight-read-only offline preflight plain /media/EXT4/read-only
step read-only wrap plain /media/EXT4/read-only
step left-read-only ls -A /media/EXT4/read-only
umount /media/EXT4/read-only
mkdir -m 777 /media/EXT4/waived
step waived wrap waiver /media/EXT4/waived
step record-waived cat /media/EXT4/waived/transcript.jsonl

# A file system that does not accept hidden names: detected before the record has a line.
fat=$(grep ' /media/VFAT ' /proc/mounts | cut -d ' ' -f 1)
umount /media/VFAT
mount -t msdos -o umask=077 "$fat" /media/VFAT
step came-msdos ls -A /media/VFAT
step msdos wrap plain /media/VFAT
step left-msdos ls -A /media/VFAT

# A contribution to the key that is too short: refused by production itself, not by the machine.
mkdir -m 700 /media/EXT4/short-entropy
(umask 077; echo short >/tmp/short)
step short-entropy wrap plain /media/EXT4/short-entropy --entropy file=/tmp/short
step left-short-entropy ls -A /media/EXT4/short-entropy

# A user without privileges, in a network namespace that root made, as systemd does for PrivateNetwork=.
mkdir -m 700 /tmp/unprivileged
chown operator /tmp/unprivileged
step unprivileged unshare -n su -s /bin/sh operator -c '. /lib.sh; wrap plain /tmp/unprivileged'
step left-unprivileged ls -A /tmp/unprivileged

# A card in another network namespace: there is no network while it is down, but there is one when it is up.
unshare -n sleep 1000000 &
other=$!
until [ "$(readlink "/proc/$other/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do
    usleep 50000
done
ip link set dummy0 netns "$other"
mkdir -m 700 /media/EXT4/card-elsewhere-down
step card-elsewhere-down wrap plain /media/EXT4/card-elsewhere-down
nsenter -t "$other" -n ip link set dummy0 up
refused card-elsewhere
nsenter -t "$other" -n ip link set dummy0 down

# A network namespace without a process, kept by a mount.
: >/tmp/kept
unshare --net=/tmp/kept true
refused kept-namespace
umount /tmp/kept
kill "$other"
