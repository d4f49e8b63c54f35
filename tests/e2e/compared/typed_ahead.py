"""Text that was typed before a question is not its answer.

    typed_ahead.py BEFORE AFTER PROGRAM ARGUMENT...     types BEFORE before the program starts, AFTER when it asks; exits as the program does
"""

import os
import pty
import sys

BEFORE, AFTER, *COMMAND = sys.argv[1:]
QUESTION = b"type Yes:"

ready, go = os.pipe()
pid, terminal = pty.fork()
if pid == 0:
    # Wait until the terminal has the typed text.
    os.read(ready, 1)
    os.execve(COMMAND[0], COMMAND, {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm"})
os.write(terminal, BEFORE.encode() + b"\n")
os.write(go, b"x")
seen, asked = b"", False
while True:
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        break
    if not piece:
        break
    seen += piece
    if not asked and QUESTION in seen:
        asked = True
        os.write(terminal, AFTER.encode() + b"\n")
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.stderr.buffer.write(seen)
assert asked, "the program asked nothing"
sys.exit(status)
