"""Shares on a terminal: each on a screen of its own, cleared after; read back word by word; a slip pointed at and asked for again.

    terminal.py PROGRAM FOLDER LANG     the folder holds plan.toml and medium/parameters.json; prints one line of figures

What the terminal was sent is cut at every clearing of screen and saved lines. A share's words may stand only in pieces that end with one.
"""

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
import unicodedata

PROGRAM, FOLDER, LANG = sys.argv[1:4]
ROWS, COLUMNS = 24, 80
CLEAR = b"\x1b[H\x1b[2J\x1b[3J"
ENV = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm"}
WORDS = {
    "en": {"copy": "press Enter:", "word": "word {} of {}:", "again": "word {} of {} again",
           "near": "is it one of: ", "checksum": "if a single word is wrong, it is word {}",
           "swapped": "words {} and {} may have changed places", "yes": "type Yes:"},
    "zh": {"copy": "请按回车：", "word": "第 {} 个词，共 {} 个：", "again": "请重新键入第 {} 个词，共 {} 个",
           "near": "是否为：", "checksum": "那就是第 {} 个", "swapped": "第 {} 个与第 {} 个单词可能互换了位置",
           "yes": "请输入 Yes："},
}[LANG]


class Station:
    def __init__(self, *args, stderr=None):
        if stderr:
            open(stderr, "w").close()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(FOLDER)
            if stderr:
                os.dup2(os.open(stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
            os.execve(PROGRAM, [PROGRAM, *args, "--lang", LANG], ENV)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.seen, self.at = b"", 0

    def more(self, seconds):
        if not select.select([self.terminal], [], [], seconds)[0]:
            raise SystemExit(f"nothing comes any more after: {self.seen[-1500:].decode(errors='replace')}")
        try:
            return os.read(self.terminal, 65536)
        except OSError:
            return b""

    def expect(self, text):
        """Reads until `text` stands after what was expected before; gives what came until then."""
        text = text.encode() if isinstance(text, str) else text
        while self.seen.find(text, self.at) < 0:
            piece = self.more(600)
            assert piece, f"the program ended before {text!r}: {self.seen[self.at:].decode(errors='replace')}"
            self.seen += piece
        end = self.seen.find(text, self.at) + len(text)
        came, self.at = self.seen[self.at:end], end
        return came.decode()

    def type(self, text):
        os.write(self.terminal, text.encode() + b"\n")

    def end(self):
        while piece := self.more(600):
            self.seen += piece
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def rows(text):
    """How many rows of the window a text takes."""
    count = 0
    for line in text.replace("\r", "").split("\n"):
        width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
        count += max(1, -(-width // COLUMNS))
    return count


def shown(station):
    """The words of the share on the screen, which holds all of it and nothing else."""
    station.expect(CLEAR)
    screen = station.expect(WORDS["copy"])
    pairs = dict((int(n), w) for n, w in re.findall(r"(\d+) ([a-z]{4,8})\b", screen.split("SLIP-39")[0]))
    words = [pairs[n] for n in sorted(pairs)]
    assert sorted(pairs) == list(range(1, len(words) + 1)) and len(words) in (20, 33), screen
    assert rows(screen) <= ROWS, f"{rows(screen)} rows:\n{screen}"
    return words, screen


def read_back(station, words, misspelt_at=(), instead={}):
    """Types a share, at some places something misspelt first, or another word of the list instead, by number from 1."""
    count = len(words)
    for n, word in enumerate(words, 1):
        station.expect(WORDS["word"].format(n, count))
        if n in misspelt_at:
            station.type(misspelt(word))
            came = station.expect(WORDS["word"].format(n, count))
            assert WORDS["near"] in came and word in came, came
        # Four letters, or all of it.
        station.type(instead.get(n, word[:4] if n % 2 else word))


def misspelt(word):
    return word[:2] + "x" + word[3:] + "x"


def wrap(name):
    # With a seed: two neighbours that change places must differ, and few words may be those of our texts.
    station = Station("wrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json", "--out", "medium",
                      "--rehearsal-seed", "42" * 32)
    station.expect(WORDS["yes"])
    station.type("Yes")
    all_words = []
    for share in range(1, 4):
        words, screen = shown(station)
        assert name(share) in screen, screen
        assert not any(" ".join(other[4:8]) in screen for other in all_words), "two shares on one screen"
        all_words.append(words)
        station.type("")
        if share == 1:
            # An empty line shows it again; a misspelt word is pointed at; one left out is asked for.
            station.expect(WORDS["word"].format(1, len(words)))
            station.type("")
            again, _ = shown(station)
            assert again == words
            station.type("")
            read_back(station, words, misspelt_at=[6])
        elif share == 2:
            # A word of the list, and the wrong one: the checksum says which, and it alone is typed again.
            read_back(station, words, instead={9: next(w for w in LISTED if w != words[8])})
            station.expect(WORDS["checksum"].format(9))
            station.expect(WORDS["again"].format(9, len(words)))
            station.type(words[8])
        else:
            # Two neighbours that changed places.
            read_back(station, words, instead={12: words[12], 13: words[11]})
            station.expect(WORDS["swapped"].format(12, 13))
            for n in (12, 13):
                station.expect(WORDS["again"].format(n, len(words)))
                station.type(words[n - 1])
        station.expect(CLEAR)
    code = station.end()
    assert code == 0, (code, station.seen[-2000:].decode(errors="replace"))
    return station, all_words


def check_cleared(station, all_words):
    """What is not followed by a clearing of the screen holds no word of a share but the two that name the set."""
    left = station.seen.split(CLEAR)[-1].decode(errors="replace")
    found = [w for words in all_words for w in words[4:] if re.search(rf"\b{w}\b", left)]
    # Words of everyday language, such as "short", may stand there by themselves; never many.
    assert len(set(found)) <= 3, (found, left)
    assert station.seen.count(CLEAR) >= 3 * 3


LISTED = ["academic", "acid", "acne"]
names = [line.split("=")[1].strip().strip('"') for line in open(f"{FOLDER}/custodians")]
station, shares = wrap(lambda n: names[n - 1])
check_cleared(station, shares)

# One share is proved on the same terminal.
drill = Station("drill", "--transcript", "medium/transcript.jsonl", "--share")
drill.expect(WORDS["yes"])
drill.type("Yes")
read_back(drill, shares[1], misspelt_at=[5])
drill.expect(CLEAR)
assert drill.end() == 0, drill.seen.decode(errors="replace")
check = drill.seen.split(CLEAR)[-1].decode()
assert "2" in check and not any(" ".join(shares[1][n:n + 2]) in check for n in range(4, len(shares[1]) - 2)), check

# Standard error goes into a file: what a slip resembles is not written there.
log = f"{FOLDER}/log"
logged = Station("drill", "--transcript", "medium/transcript.jsonl", "--share", stderr=log)
while WORDS["yes"] not in open(log).read():
    time.sleep(0.002)
logged.type("Yes")
slip = misspelt(shares[1][6])
for n, word in enumerate(shares[1], 1):
    asked = WORDS["word"].format(n, len(shares[1]))
    for times, text in enumerate(([slip] if n == 7 else []) + [word], 1):
        while open(log).read().count(asked) < times:
            time.sleep(0.002)
        logged.type(text)
assert logged.end() == 0, open(log).read()
text = open(log).read()
# Words of everyday language stand in our own texts too; never many.
said = {w for w in shares[1][4:] if re.search(rf"\b{w}\b", text)}
assert WORDS["near"] not in text and len(said) <= 3, (said, text)

# With standard error elsewhere no share is shown at all.
os.rename(f"{FOLDER}/medium/transcript.jsonl", f"{FOLDER}/first.jsonl")
os.remove(f"{FOLDER}/medium/ciphertext.json")
refused = Station("wrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json", "--out", "medium", stderr=log)
assert refused.end() == 1
assert "KF-BACKUP-01" in open(log).read(), open(log).read()
assert not os.path.exists(f"{FOLDER}/medium/transcript.jsonl")
print(f"{len(shares)} shares of {len(shares[0])} words; {station.seen.count(CLEAR)} screens cleared")
