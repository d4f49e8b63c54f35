# What production refuses, each set up for real, and what a plan may waive. Needs root and the sticks EXT4 and SWAP.

# refused NAME [MODE]: a wrap into a new folder, and what is in that folder afterwards.
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
mkdir -m 777 /media/EXT4/waived
step waived wrap waiver /media/EXT4/waived
step record-waived cat /media/EXT4/waived/transcript.jsonl
