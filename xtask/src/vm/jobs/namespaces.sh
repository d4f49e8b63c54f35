# A machine whose network the process cannot see, or cannot see completely. For an ordinary user, each case also needs a user
# namespace. Needs the stick EXT4.

own=
[ "$(id -u)" = 0 ] || own=-r

# within NAME COMMAND…: a wrap into a new folder, started by the command; prints the folder's contents afterwards.
within() {
    folder=/media/EXT4/$1
    mkdir -m 700 "$folder"
    step "$@" sh -c '. /lib.sh; wrap plain "$0"' "$folder"
    step "left-$1" ls -A "$folder"
}

within own-network unshare $own -n
within fresh-sysfs unshare $own -n -p -f -m --mount-proc sh -c 'mount -t sysfs sysfs /sys && exec "$@"' sh

# The files and devices that a container has, and no new privileges.
cat >/tmp/container <<'END'
set -e
mount -t sysfs sysfs /sys
mkdir /tmp/dev
mount -t tmpfs tmpfs /tmp/dev
for device in null zero full random urandom; do
    : >"/tmp/dev/$device"
    mount --bind "/dev/$device" "/tmp/dev/$device"
done
mount -o rbind /tmp/dev /dev
hostname container
exec setpriv --nnp "$@"
END
within container unshare $own -n -p -f -m -u -i --mount-proc sh /tmp/container
within user-namespace unshare -r

# A file that a shell has open is open in every program that it starts.
within descriptor sh -c 'exec 7</etc/passwd; exec "$@"' sh
