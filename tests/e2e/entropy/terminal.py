"""A secret typed at a terminal is not shown, and the terminal is restored afterwards, even after Ctrl-C.

    terminal.py PROGRAM OUT            prints nothing; the exit code says
"""

import os
import pty
import sys
import termios

PROGRAM, OUT = sys.argv[1:3]
SECRET = b"quite unforeseeable 7291"


def run(keys):
    """Types `keys` at the question; returns what the terminal showed, the exit code, and whether it echoes again."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(PROGRAM, [PROGRAM, "generate", "--bits", "256", "--out", OUT, "--entropy", "text", "--lang", "en"])
    shown = b""
    while b"not shown: " not in shown:
        shown += os.read(terminal, 1024)
    assert not termios.tcgetattr(terminal)[3] & termios.ECHO, "echo is on while a secret is typed"
    os.write(terminal, keys)
    while True:
        # Checked before the last process closes the terminal.
        modes = termios.tcgetattr(terminal)[3]
        try:
            more = os.read(terminal, 1024)
        except OSError:
            break
        if not more:
            break
        shown += more
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    modes = termios.tcgetattr(terminal)[3]
    os.close(terminal)
    return shown, code, bool(modes & termios.ECHO and modes & termios.ISIG and modes & termios.ICANON)


shown, code, restored = run(b"wrong\x15" + SECRET + b"x\x7f\r")
assert code == 0 and os.path.getsize(OUT) == 32, (code, shown)
assert SECRET[:5] not in shown and b"wrong" not in shown, shown
assert b"text: 24, mixed in" in shown, shown
assert restored, "the terminal still hides what is typed"
os.remove(OUT)
shown, code, restored = run(SECRET + b"\x03")
assert code == 1 and b"KF-CONSENT-03" in shown and not os.path.exists(OUT), (code, shown)
assert SECRET[:5] not in shown and restored
