"""A share that is shown for too long is hidden, and shown again when its custodian asks for it. The
test does not wait: `strace -e inject` overwrites the time limit of the call that would wait.

    late.py PROGRAM FOLDER LANG      the folder holds plan.toml and medium/parameters.json; prints one line of figures
"""

import os
import re

from station import CLEAR, FOLDER, WORDS, Station, alone, read_back, shown

MINUTES = 10
HIDDEN = f"hidden, because nobody pressed Enter for {MINUTES} minutes"
NO_TIME = "inject=ppoll:poke_enter=@arg3=" + "00" * 16 + ":when={}"
FILES = ["--plan", "plan.toml", "--parameters", "medium/parameters.json", "--rehearsal-seed", "42" * 32]


def start(out, *strace):
    os.mkdir(f"{FOLDER}/{out}")
    log = f"{FOLDER}/{out}.strace"
    under = ["strace", "-f", "-o", log, "-e", "trace=ppoll", *strace]
    station = Station("wrap", *FILES, "--out", out, under=under)
    station.expect(WORDS["yes"])
    station.type("Yes")
    alone(station)
    words, screen = shown(station)
    return station, log, words, screen


def waits(log):
    """The maximum number of seconds that each call so far waits for a person; None: without limit."""
    limits = (re.search(r"ppoll\(.*?\], 2, (?:NULL|\{tv_sec=(\d+))", line) for line in open(log))
    return [limit[1] and int(limit[1]) for limit in limits if limit]


# First, an ordinary run: the second call waits at the share, for ten minutes.
station, log, words, _ = start("first")
while len(limits := waits(log)) < 2:
    pass
# At the curtain nothing is visible; Enter is one call.
assert limits[0] is None and MINUTES * 60 - 60 < limits[1] <= MINUTES * 60, limits
at = 2
station.type("")
station.expect(WORDS["word"].format(1, len(words)))
os.close(station.terminal)
os.waitpid(station.pid, 0)

# Then the same call reports that the time is over.
station, log, again, _ = start("second", "-e", NO_TIME.format(at))
station.expect(CLEAR)
said = station.expect(WORDS["turn"])
assert HIDDEN in said and not set(again[4:]) & set(re.findall("[a-z]+", said)), said
station.type("")
assert shown(station)[0] == again
station.type("")
# The same while the words are typed: nobody finishes a line, and earlier lines still count.
station.expect(WORDS["word"].format(1, len(again)))
os.close(station.terminal)
os.waitpid(station.pid, 0)

# One call for Enter, and one for each letter of a line and its end.
typed = " ".join(again[:3])
typing = at + 1 + len(typed) + 1
station, log, words, _ = start("third", "-e", NO_TIME.format(typing))
station.type("")
station.expect(WORDS["word"].format(1, len(words)))
station.type(typed)
station.expect(CLEAR)
said = station.expect(WORDS["turn"])
assert HIDDEN in said and words[2] not in said, said
station.type("")
station.expect(WORDS["word"].format(4, len(words)))
station.type(" ".join(words[3:]))
station.expect(WORDS["confirmed"])
os.close(station.terminal)
os.waitpid(station.pid, 0)
print(f"hidden after {MINUTES} minutes, while shown and while typed")
