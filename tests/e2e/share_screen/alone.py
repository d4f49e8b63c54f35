"""Each custodian sees only their own share: between two curtain answers, no frame of the terminal contains a word of a share other than the announced one.

    alone.py PROGRAM FOLDER LANG SOURCES      the folder holds plan.toml and medium/parameters.json; SOURCES are the workspace's crates

Every frame is checked, including the text that can be scrolled back to, for `wrap`, `rewrap
--new-shares`, `drill` and `drill --share`. Words are compared by their first four letters, as the
station does. Prints one line of figures.
"""

import os
import re
import sys

from screen import Screen
from station import COLUMNS, ROWS, WORDS, Station, alone, read_back, shown, without_digests

CRATES = sys.argv[4]
UNSEEN = "typed at the curtain"
SHARES = {"wrap": 3, "rewrap": 3}


def own_words():
    """First letters of the words in the program's own texts, which any screen may show."""
    own = set()
    for folder in ("offline/src", "sandbox/src", "transport/src/console", "slip39/src", "core/src"):
        for path, _, names in os.walk(os.path.join(CRATES, folder)):
            for name in (name for name in names if name.endswith(".rs")):
                text = open(os.path.join(path, name), encoding="utf-8").read()
                for literal in re.findall(r'bi!\(\s*"((?:[^"\\]|\\.)*)"', text) + re.findall(r'(?:what|hint)\(\s*"((?:[^"\\]|\\.)*)"', text):
                    own |= letters(literal)
    return own


def letters(text):
    return {word[:4] for word in re.findall(r"[a-z]{4,}", text.lower())}


class Room:
    """The frames, grouped by the share that was announced when they were visible."""

    def __init__(self):
        self.announced, self.frames, self.count = "before", {}, 0
        self.screen = Screen(ROWS, COLUMNS, self.look)

    def look(self, frame):
        self.frames.setdefault(self.announced, set()).update(letters(without_digests(frame)))
        self.count += 1

    def run(self, *args):
        station = Station(*args, on_piece=self.screen.feed)
        station.expect(WORDS["yes"])
        station.type("Yes")
        return station

    def next(self, station, share):
        """The curtain: no part of any share is visible when the custodian of `share` answers it."""
        station.expect(WORDS["turn"])
        self.announced = None
        self.look(self.screen.seen())
        self.announced = share
        # Input at the curtain is neither shown nor used.
        station.type(UNSEEN)

    def over(self, station):
        assert UNSEEN.encode() not in station.seen
        assert station.end() == 0, station.seen.decode(errors="replace")[-1500:]
        self.announced = None
        self.look(self.screen.seen())


def give(room, station, name, known):
    for number in range(1, SHARES[name] + 1):
        room.next(station, (name, number))
        words, _ = shown(station)
        known[name, number] = words
        station.type("")
        read_back(station, words, misspelt_at=[7] if number == 2 else ())
        station.expect(WORDS["confirmed"])


def take(room, station, numbers, known):
    for number in numbers:
        room.next(station, ("wrap", number))
        read_back(station, known["wrap", number], misspelt_at=[9])
        station.expect(WORDS["taken"])


def judge(room, known):
    # The text from before any share existed is also our own.
    own, judged = own_words() | room.frames["before"], 0
    for share, words in known.items():
        others = {w[:4] for other, theirs in known.items() if other != share for w in theirs}
        # The first four words say which share of which set it is.
        secret = {w[:4] for w in words[4:]} - own - others
        assert len(secret) >= 10, (share, words)
        judged += len(secret)
        assert secret <= room.frames[share], (share, secret - room.frames[share])
        for announced, seen in room.frames.items():
            assert announced == share or not secret & seen, (share, announced, secret & seen)
    return judged


def main():
    room, known = Room(), {}
    files = ["--plan", "plan.toml", "--parameters", "medium/parameters.json"]
    wrap = room.run("wrap", *files, "--out", "medium")
    give(room, wrap, "wrap", known)
    room.over(wrap)
    record = ["--transcript", "medium/transcript.jsonl"]
    os.mkdir("second")
    rewrap = room.run("rewrap", *files, *record, "--out", "second", "--new-shares")
    take(room, rewrap, (3, 1), known)
    give(room, rewrap, "rewrap", known)
    room.over(rewrap)
    drill = room.run("drill", *record)
    take(room, drill, (1, 2), known)
    room.over(drill)
    one = room.run("drill", *record, "--share")
    take(room, one, (), known)
    room.next(one, ("wrap", 2))
    read_back(one, known["wrap", 2])
    room.over(one)
    judged = judge(room, known)
    print(f"{len(known)} shares, {judged} words judged in {room.count} frames")


os.chdir(sys.argv[2])
main()
