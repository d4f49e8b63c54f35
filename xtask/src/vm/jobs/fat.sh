# Records the contents of a FAT stick from the end of wrap on. Needs root and the sticks LOGGED and
# CUT.

step LOGGED wrap plain /media/LOGGED
mark LOGGED
# The kernel writes everything that it has not written yet, one write after another.
sync
# The machine is reset at the end of this step.
step CUT wrap plain /media/CUT
