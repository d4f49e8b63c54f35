# Production on a kernel that was started without Landlock. Needs the stick EXT4.

step lsm cat /sys/kernel/security/lsm
mkdir -m 700 /media/EXT4/no-landlock
step no-landlock wrap plain /media/EXT4/no-landlock
step preflight-no-landlock offline preflight plain /media/EXT4/no-landlock
step left-no-landlock ls -A /media/EXT4/no-landlock
