"""A hand scanner at a terminal: long lines arrive whole, nothing is shown, and the terminal is restored afterwards.

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


# The shell stays the terminal's leader, so that the modes can be checked after the program ends and before the terminal
# closes.
SHELL = 'stty -g > before; "$@"; code=$?; stty -g > after; exit $code'


def run(arguments, wait, keys, raw):
    """Types `keys` once `wait` was shown; returns what the terminal showed, the exit code, and whether the terminal was restored."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv("/bin/sh", ["/bin/sh", "-c", SHELL, "sh"] + arguments)
    shown = b""
    while wait not in shown:
        shown += os.read(terminal, 1024)
    modes = termios.tcgetattr(terminal)[3]
    assert raw != bool(modes & termios.ICANON), "the terminal edits lines, or does not"
    assert not raw or not modes & (termios.ECHO | termios.ISIG), "the terminal shows what is typed"

    def typist():
        rest = keys
        try:
            while rest:
                rest = rest[os.write(terminal, rest[:64]):]
        except OSError:
            pass  # it has ended: the program has read enough

    threading.Thread(target=typist, daemon=True).start()
    try:
        while more := os.read(terminal, 65536):
            shown += more
    except OSError:
        pass
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return shown, code, open("before").read() == open("after").read() != ""


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
        assert restored, "the terminal was not restored"
        os.remove(OUT)

for key in (b"\x03", b"\x04", b"\x1a", b"\x1c"):
    shown, code, restored = run(RECEIVE, b"Scan now", b"\r".join(MANY[:2]) + b"\r" + key, True)
    assert code == 1 and b"KF-RECV-01" in shown and b"incomplete: 2 of" in shown, (key, code, shown)
    assert restored and not os.path.exists(OUT)

print("all seen")
