"""Programs on a terminal of one size, and in a pipe. Imported: the arguments are PROGRAMS FOLDER LANG COLUMNS ENDPOINT."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata

PROGRAMS, FOLDER, LANG, COLUMNS, ENDPOINT = sys.argv[1:6]
COLUMNS = int(COLUMNS)
ENV = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm", "KEYFERRY_ENDPOINT": ENDPOINT, "HOME": FOLDER,
       "XDG_STATE_HOME": f"{FOLDER}/state", "TENCENTCLOUD_SECRET_ID": os.environ["TENCENTCLOUD_SECRET_ID"],
       "TENCENTCLOUD_SECRET_KEY": os.environ["TENCENTCLOUD_SECRET_KEY"]}
COLOUR = re.compile(r"\x1b\[(?:0|1;31|33)m")
ASKED = {"en": "type Yes: ", "zh": "请输入 Yes： "}[LANG]


def on_terminal(command, answer="Yes\n", env=ENV, lang=("--lang", LANG), rows=24):
    """The text that a person sees, and the exit code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(FOLDER)
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, COLUMNS, 0, 0))
        program, *args = command
        path = program if "/" in program else f"{PROGRAMS}/{program}"
        os.execve(path, [path, *args, *lang], env)
    seen, answered = b"", False
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
        if not answered and ASKED in seen.decode(errors="ignore"):
            answered = True
            os.write(terminal, answer.encode())
    os.close(terminal)
    return seen.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def in_pipe(command, env=ENV, lang=("--lang", LANG)):
    """Standard output and standard error."""
    program, *args = command
    done = subprocess.run([f"{PROGRAMS}/{program}", *args, *lang], cwd=FOLDER, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout.decode(), done.stderr.decode()


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
