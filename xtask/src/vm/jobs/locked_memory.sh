# Production on a machine whose limits leave no locked memory for secrets. Needs an ordinary user (root has no limit) and the
# stick EXT4.

mkdir -m 700 /media/EXT4/no-locked-memory
step no-locked-memory sh -c 'ulimit -l 0; . /lib.sh; wrap plain "$0"' /media/EXT4/no-locked-memory
step preflight-no-locked-memory sh -c 'ulimit -l 0; . /lib.sh; offline preflight plain "$0"' /media/EXT4/no-locked-memory
step left-no-locked-memory ls -A /media/EXT4/no-locked-memory
