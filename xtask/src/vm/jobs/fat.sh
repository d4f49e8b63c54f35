# What is on a FAT stick from the moment at which wrap has ended. Needs root and the sticks LOGGED and CUT.

step LOGGED wrap plain /media/LOGGED
mark LOGGED
# Everything that the kernel still held back is written, one write after the other.
sync
# The machine is reset at the end of this step.
step CUT wrap plain /media/CUT
