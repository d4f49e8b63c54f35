"""A share is shown completely or not at all: a small window is refused before a secret exists, and the share is hidden while the window is too small.

    small.py PROGRAM FOLDER LANG      the folder holds plan.toml and medium/parameters.json; prints one line of figures
"""

import fcntl
import os
import struct
import termios

from station import FOLDER, ROWS, COLUMNS, WORDS, Station, alone, read_back, shown

FILES = ["--plan", "plan.toml", "--parameters", "medium/parameters.json", "--out", "medium"]
SMALL = [(ROWS, 60), (ROWS, 40), (60, 61), (ROWS - 6, COLUMNS), (2, 200), (1, 1)]


def resize(station, rows, columns):
    fcntl.ioctl(station.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


for rows, columns in SMALL:
    refused = Station("wrap", *FILES, size=(rows, columns))
    try:
        refused.expect(WORDS["yes"])
        raise SystemExit(f"nobody said that {columns} columns and {rows} rows are too few")
    except AssertionError:
        # It ended before it asked anything.
        said = " ".join(refused.seen.decode().split())
    assert refused.reap() == 1
    assert "KF-BACKUP-08" in said and f"{columns} columns and {rows} rows" in said, (rows, columns, said)
    assert os.listdir(f"{FOLDER}/medium") == ["parameters.json"], said

# Shares that go into files need no room.
os.mkdir(f"{FOLDER}/shares", 0o700)
files = Station("wrap", *FILES, "--shares", "files=shares", size=(10, 40))
files.expect(WORDS["yes"])
os.close(files.terminal)
os.waitpid(files.pid, 0)

# A window that shrinks after the question, and again before the second share.
station = Station("wrap", *FILES)
station.expect(WORDS["yes"])
station.type("Yes")
for share in range(1, 4):
    station.expect(WORDS["turn"])
    if share < 3:
        resize(station, ROWS, 50)
        station.type("")
        said = station.expect("Enlarge the window, then press Enter:")
        assert "KF-BACKUP-08" in said and "50 columns" in said, said
        resize(station, ROWS, COLUMNS)
    station.type("")
    words, _ = shown(station)
    station.type("")
    read_back(station, words)
assert station.end() == 0
print(f"{len(SMALL)} windows refused, 2 that became too small")
