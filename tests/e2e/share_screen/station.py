"""A station on its own terminal, and what its people read and type. Imported: the arguments are PROGRAM FOLDER LANG."""

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import unicodedata

PROGRAM, FOLDER, LANG = sys.argv[1:4]
ROWS, COLUMNS = 24, 80
CLEAR = b"\x1b[H\x1b[2J\x1b[3J"
ENV = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm"}
WORDS = {
    "en": {"turn": "presses Enter:", "next": "Next: share {} of {}", "copy": "press Enter:", "word": "word {} of {}:", "again": "word {} of {} again",
           "near": "is it one of: ", "checksum": "if a single word is wrong, it is word {}",
           "swapped": "words {} and {} may have been swapped", "yes": "type Yes:", "confirmed": "read back", "taken": "taken "},
    "zh": {"turn": "坐到键盘前并按回车：", "next": "下一个：第 {} 个分片（共 {} 个）", "copy": "请按回车：", "word": "第 {} 个词，共 {} 个：", "again": "再次键入第 {} 个词，共 {} 个",
           "near": "是否为：", "checksum": "那就是第 {} 个", "swapped": "第 {} 个与第 {} 个单词可能互换了位置",
           "yes": "请输入 Yes：", "confirmed": "已读回", "taken": "已收下"},
}[LANG]


class Station:
    def __init__(self, *args, stderr=None, size=(ROWS, COLUMNS), under=(), on_piece=lambda piece: None):
        """`under` is a program that runs the station, with its arguments."""
        self.on_piece = on_piece
        if stderr:
            open(stderr, "w").close()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(FOLDER)
            if stderr:
                os.dup2(os.open(stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
            command = [*under, PROGRAM, *args, "--lang", LANG]
            os.execvpe(command[0], command, ENV)
        self.seen, self.at = b"", 0

    def more(self, seconds):
        if not select.select([self.terminal], [], [], seconds)[0]:
            raise SystemExit(f"nothing comes any more after: {self.seen[-1500:].decode(errors='replace')}")
        try:
            piece = os.read(self.terminal, 65536)
        except OSError:
            return b""
        self.on_piece(piece)
        return piece

    def expect(self, text, raw=False):
        """Reads until `text` appears after the previously expected text; returns what came until then, with its lines joined again unless `raw`."""
        pattern = re.compile(re.escape(text) if isinstance(text, bytes) else in_lines(text))
        while not (found := pattern.search(self.seen, self.at)):
            piece = self.more(600)
            assert piece, f"the program ended before {text!r}: {self.seen[self.at:].decode(errors='replace')}"
            self.seen += piece
        came, self.at = self.seen[self.at:found.end()].decode(), found.end()
        return came if raw else flat(came)

    def type(self, text):
        os.write(self.terminal, text.encode() + b"\n")

    def end(self):
        self.read_to_end()
        return self.reap()

    def read_to_end(self):
        while piece := self.more(600):
            self.seen += piece

    def reap(self):
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def wide(c):
    return unicodedata.east_asian_width(c) in "WF"


def in_lines(text):
    """A pattern for the text, however the window's width divides it into lines."""
    parts = [re.escape(text[0])]
    for before, c in zip(text, text[1:]):
        parts += ["(?: |\r\n +)"] if c == " " else [r"(?:\r\n +)?" * (wide(before) or wide(c)), re.escape(c)]
    return "".join(parts).encode()


def flat(text):
    """The text before it was divided into lines."""
    joined = re.sub(r"(?<! )\r\n +(?=\S)", " ", text)
    return re.sub(r"(?<=[\u3000-\uffef]) (?=[\u3000-\uffef])", "", joined)


def without_digests(text):
    """Removes the words of a digest: they are random, and both lists share many words. Their lines also have the Chinese words."""
    return "\n".join(line for line in text.splitlines() if len(re.findall(r"\d+ [\u4e00-\u9fff](?=\s|$)", line)) < 4)


def rows(text):
    """How many rows of the window a text takes."""
    count = 0
    for line in text.replace("\r", "").split("\n"):
        width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
        count += max(1, -(-width // COLUMNS))
    return count


def alone(station):
    """The next custodian comes and presses Enter at the curtain. Returns the curtain's text."""
    said = station.expect(WORDS["turn"])
    station.type("")
    return said


def shown(station):
    """The words of the share on the screen, which must show the whole share and nothing else."""
    station.expect(CLEAR)
    screen = station.expect(WORDS["copy"], raw=True).split(CLEAR.decode())[-1]
    pairs = dict((int(n), w) for n, w in re.findall(r"(\d+) ([a-z]{4,8})\b", screen.split("SLIP-39")[0]))
    words = [pairs[n] for n in sorted(pairs)]
    assert sorted(pairs) == list(range(1, len(words) + 1)) and len(words) in (20, 33), screen
    assert "\x1b" not in screen, "a share's screen has colours"
    assert rows(screen) <= ROWS, f"{rows(screen)} rows:\n{screen}"
    return words, screen


def read_back(station, words, misspelt_at=(), instead={}):
    """Types a share; at some places, by number from 1, first something misspelt or a different word from the list."""
    count = len(words)
    for n, word in enumerate(words, 1):
        station.expect(WORDS["word"].format(n, count))
        if n in misspelt_at:
            station.type(misspelt(word))
            came = station.expect(WORDS["word"].format(n, count))
            assert WORDS["near"] in came and word in came, came
        # Four letters, or the whole word.
        station.type(instead.get(n, word[:4] if n % 2 else word))


def misspelt(word):
    return word[:2] + "x" + word[3:] + "x"
