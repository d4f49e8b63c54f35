# Production on each file system, on a machine whose network card is down. Needs the sticks VFAT, EXFAT and EXT4.

step id id
step lsm cat /sys/kernel/security/lsm
for stick in VFAT EXFAT EXT4; do
    step "preflight-$stick" offline preflight plain "/media/$stick"
    step "wrap-$stick" wrap plain "/media/$stick"
    step "record-$stick" cat "/media/$stick/transcript.jsonl"
    step "digest-$stick" sha256sum "/media/$stick/ciphertext.json"
done
step uptime cat /proc/uptime
