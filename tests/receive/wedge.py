"""A hand scanner at a terminal: long lines come whole, nothing is shown, and the terminal is as before afterwards.

    wedge.py PROGRAM OUT ONE MANY      ONE: a file with one line of more than 5,000 digits; MANY: one with several lines
"""

import os
import pty
import sys
import termios
import threading

PROGRAM, OUT, ONE, MANY = sys.argv[1:5]
ONE = open(ONE, "rb").read().strip()
MANY = open(MANY, "rb").read().split()
assert len(ONE) > 5000 and len(MANY) > 4


def modes(terminal):
    return termios.tcgetattr(terminal)


def run(arguments, wait, keys, raw):
    """Types `keys` once `wait` was shown; gives what the terminal showed, the exit code, and whether it is as before."""
    ours, theirs = pty.openpty()
    before = modes(theirs)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        import fcntl
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
        for number in range(3):
            os.dup2(theirs, number)
        os.closerange(3, 64)
        os.execv(arguments[0], arguments)
    shown = b""
    while wait not in shown:
        shown += os.read(ours, 1024)
    if raw:
        assert not modes(theirs)[3] & (termios.ICANON | termios.ECHO | termios.ISIG), "the terminal edits lines"

    def typist():
        rest = keys
        while rest:
            rest = rest[os.write(ours, rest[:64]):]

    threading.Thread(target=typist, daemon=True).start()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    restored = modes(theirs) == before
    os.set_blocking(ours, False)
    try:
        while more := os.read(ours, 65536):
            shown += more
    except OSError:
        pass
    return shown, code, restored


RECEIVE = [PROGRAM, "receive", "--out", OUT, "--lang", "en"]

# The control: a terminal that edits lines cuts this one.
cut = OUT + ".cut"
run(["/bin/sh", "-c", "stty -echo; echo ready; head -n 1 > " + cut], b"ready", ONE + b"\n", False)
length = len(open(cut, "rb").read().strip())
assert length == 4095, length
os.remove(cut)

for end in (b"\r", b"\n", b"\r\n", b"\t"):
    for lines in ([ONE], MANY):
        shown, code, restored = run(RECEIVE, b"Scan now", end.join(lines) + end + b"999", True)
        assert code == 0 and os.path.getsize(OUT) > 0, (end, code, shown)
        assert ONE[:40] not in shown and MANY[1][:40] not in shown, "what is typed is shown"
        assert b"digest" in shown and b"words" in shown, shown
        assert restored, "the terminal is not as before"
        os.remove(OUT)

for key in (b"\x03", b"\x04", b"\x1a", b"\x1c"):
    shown, code, restored = run(RECEIVE, b"Scan now", b"\r".join(MANY[:2]) + b"\r" + key, True)
    assert code == 1 and b"KF-RECV-01" in shown and b"incomplete: 2 of" in shown, (key, code, shown)
    assert restored and not os.path.exists(OUT)

print("all seen")
