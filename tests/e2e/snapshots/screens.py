"""A ceremony on terminals of 80 columns and 24 rows: what a person sees whenever the station waits for them, and at its end.

    screens.py PROGRAMS FOLDER LANG ENDPOINT OUT     the folder holds draft.toml; each screen becomes a file in OUT

A file has the command, its exit code if it ended, a ruler, and all lines that are visible or can be scrolled back to.
"""

import codecs
import os
import re
import sys

PROGRAMS, FOLDER, LANG, ENDPOINT, OUT = sys.argv[1:6]
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "share_screen"))
sys.argv[1] = f"{PROGRAMS}/keyferry-offline"

import station  # noqa: E402: it reads the arguments
from screen import Screen  # noqa: E402
from station import COLUMNS, ROWS, WORDS, Station, wide  # noqa: E402

RULER = "-" * COLUMNS
# Ends each drawing of `show`.
DRAWN = b"\x1b[?2026l"
# The end of each question, and the text on the screen with a share.
COPY, TURN, YES, WORD = WORDS["copy"], WORDS["turn"], WORDS["yes"], WORDS["word"]
station.ENV.update({"KEYFERRY_ENDPOINT": ENDPOINT, "XDG_STATE_HOME": f"{FOLDER}/state", "HOME": FOLDER,
                    "TENCENTCLOUD_SECRET_ID": os.environ["TENCENTCLOUD_SECRET_ID"],
                    "TENCENTCLOUD_SECRET_KEY": os.environ["TENCENTCLOUD_SECRET_KEY"]})


class Drawn(Screen):
    """Also handles progress lines, which are redrawn in place."""

    def __init__(self):
        super().__init__(ROWS, COLUMNS, lambda frame: None)

    def feed(self, piece):
        super().feed(piece.replace(b"\x1b[K", b""))

    def put(self, c):
        if c not in "\r\n" and self.column == 0:
            self.lines[self.row] = ""
        super().put(c)


class Painted:
    """A window that is drawn at places, as `show` draws: the last text at a place stays. Colours are left out."""

    SEQUENCE = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])")

    def __init__(self):
        self.saved, self.rest, self.cells, self.row, self.column = [], "", {}, 0, 0
        self.decode = codecs.getincrementaldecoder("utf-8")().decode

    @property
    def lines(self):
        rows = [[self.cells.get((row, column), " ") for column in range(COLUMNS)] for row in range(ROWS)]
        # How long it has been shown is no text to compare.
        return [re.sub(r" \d+:\d\d *$", " m:ss", "".join(row)) for row in rows]

    def feed(self, piece):
        text, self.rest = self.rest + self.decode(piece), ""
        while text:
            found = self.SEQUENCE.match(text)
            if found:
                self.sequence(found[1], found[2])
                text = text[found.end():]
            elif text[0] == "\x1b" and len(text) < 40:
                self.rest, text = text, ""
            else:
                self.put(text[0])
                text = text[1:]

    def sequence(self, numbers, name):
        if name == "H":
            row, column = (numbers.split(";") if numbers else ("1", "1"))
            self.row, self.column = int(row) - 1, int(column) - 1
        elif name == "J":
            self.cells = {}
        elif name == "K":
            for column in range(self.column, COLUMNS):
                self.cells.pop((self.row, column), None)

    def put(self, c):
        if c == "\r":
            self.column = 0
        elif c == "\n":
            self.row += 1
        else:
            self.cells[self.row, self.column] = c
            if wide(c):
                self.cells[self.row, self.column + 1] = ""
            self.column += 2 if wide(c) else 1


class Play:
    """One command on its own terminal."""

    def __init__(self, line, name=None, screen=Drawn):
        self.line, self.screen = line, screen()
        program, *args = line.split(" ")
        station.PROGRAM = f"{PROGRAMS}/{program}"
        self.station = Station(*args, on_piece=self.screen.feed)
        self.name = name

    def until(self, text, name=None):
        """Waits for this text, and keeps the screen under a name."""
        said = self.station.expect(text)
        if name:
            keep(name, self.line, self.screen)
        return said

    def answer(self, text, to=YES, name=None):
        self.until(to, name)
        self.station.type(text)
        return self

    def end(self, name=None, code=0):
        ended = self.station.end()
        assert ended == code, f"{self.line} ended with {ended}: {self.station.seen.decode(errors='replace')[-3000:]}"
        if name:
            keep(name, self.line, self.screen, code)


def keep(name, line, screen, code=None):
    # The mark before a row that continues a line is not on the screen itself.
    rows = [row.removeprefix("\u21b3").rstrip() for row in screen.lines]
    gone = [row.removeprefix("\u21b3").rstrip() for row in screen.saved]
    while rows and not rows[-1]:
        rows.pop()
    for row in rows + gone:
        columns = sum(2 if wide(c) else 1 for c in row)
        assert columns <= COLUMNS, (name, columns, row)
    ended = "" if code is None else f"exit {code}\n"
    text = f"$ {line} --lang {LANG}\n{ended}{RULER}\n" + "".join(f"{row}\n" for row in gone + rows)
    with open(f"{OUT}/{name}", "w", encoding="utf-8") as file:
        file.write(text)


def share(play, number, count, known, *, first=False):
    """Hands out a share and reads it back; the first one with typical mistakes."""
    play.answer("", TURN, f"share-{number}-curtain" if number < 3 else None)
    play.station.expect(station.CLEAR)
    said = play.station.expect(COPY, raw=True)
    if first:
        keep("share-1-on-screen", play.line, play.screen)
    words = known(said)
    play.station.type("")
    for n, word in enumerate(words, 1):
        play.until(WORD.format(n, len(words)), "share-1-first-word" if first and n == 1 else None)
        if first and n == 2:
            play.station.type("acadmic")
            play.until(WORD.format(n, len(words)), "share-1-word-misspelt")
        wrong = "academic" if word != "academic" else "acid"
        play.station.type(wrong if first and n == 9 else word)
    if first:
        play.until(WORDS["again"].format(9, len(words)), "share-1-checksum-wrong")
        play.station.type(words[8])


def words_of(said):
    screen = said.split(station.CLEAR.decode())[-1]
    pairs = dict((int(n), w) for n, w in re.findall(r"(\d+) ([a-z]{4,8})\b", screen.split("SLIP-39")[0]))
    return [pairs[n] for n in sorted(pairs)]


def ceremony():
    Play("keyferry plan check draft.toml").end("plan-check")
    create = Play("keyferry-online create-key --plan draft.toml --out plan.toml --transcript medium/transcript.jsonl")
    create.answer("Yes", YES, "create-key-question")
    create.end("create-key")
    Play("keyferry plan diff draft.toml plan.toml").end("plan-diff")
    Play("keyferry-online check-access --plan plan.toml").end("check-access")
    export = Play("keyferry-online export --plan plan.toml --out medium --session session.json")
    export.answer("Yes", YES, "export-question")
    export.end("export")
    Play("keyferry-offline self").end("self")
    files = "--plan plan.toml --parameters medium/parameters.json"
    Play(f"keyferry-offline inspect {files}").end("inspect")
    # With a fixed seed, so that the two words that name the set, and the lines with them, always have
    # the same length.
    wrap = Play(f"keyferry-offline wrap {files} --out medium --rehearsal-seed {'42' * 32}")
    wrap.answer("Yes", YES, "wrap-question")
    shares = []
    for number in range(1, 4):
        def known(said):
            shares.append(words_of(said))
            return shares[-1]
        share(wrap, number, 3, known, first=number == 1)
    wrap.end("wrap")
    drill = Play("keyferry-offline drill --transcript medium/transcript.jsonl --share")
    drill.answer("Yes", YES, "drill-question")
    drill.answer("", TURN, "drill-curtain")
    for n, word in enumerate(shares[1], 1):
        drill.answer(word, WORD.format(n, len(shares[1])))
    drill.end("drill")
    again = Play(f"keyferry-offline wrap {files} --out medium")
    again.end("wrap-again", 1)
    imported = Play("keyferry-online import --session session.json --ciphertext medium/ciphertext.json")
    imported.answer("Yes", YES, "import-question")
    imported.end("import")
    Play("keyferry-online status --plan plan.toml").end("status")
    os.mkdir("record")
    Play("keyferry archive medium record/archive").end(None, 1)
    Play("keyferry verify medium/transcript.jsonl").end("verify-transcript")


def many():
    """Twenty-four keys, so that progress is shown."""
    create = Play("keyferry-online create-key --plan many.draft.toml --out many.toml")
    create.answer("Yes").end()
    export = Play("keyferry-online export --plan many.toml --out many --session many.session.json")
    export.answer("Yes").end("export-of-many-keys")
    wrap = Play("keyferry-offline wrap --plan many.toml --parameters many/parameters.json --out many")
    wrap.answer("Yes").end("wrap-of-many-keys")


def symbols():
    """A file that is the same in every run, paused, and then moved on to one symbol: which one was drawn at the pause does not matter."""
    show = Play("keyferry-offline show shown/plan.toml", screen=Painted)
    frame, paused, behind = {"en": ("frame", "PAUSED", " any"), "zh": ("帧", "已暂停", " 任意")}[LANG]

    def shown():
        show.station.expect(paused)
        return int(re.findall(r"\d+", show.station.expect(behind))[-1])

    show.station.expect(frame)
    os.write(show.station.terminal, b" ")
    number = shown()
    # After the last symbol comes the first. The status is drawn several times for one symbol.
    while number != 20:
        os.write(show.station.terminal, b"n")
        before = number
        while number == before:
            number = shown()
    # The whole window again.
    os.write(show.station.terminal, b"r")
    show.station.expect(b"\x1b[2J")
    show.station.expect(DRAWN)
    keep("show-symbol", show.line, show.screen)
    os.write(show.station.terminal, b"q")
    show.end()


os.chdir(FOLDER)
ceremony()
symbols()
many()
print(len(os.listdir(OUT)), "screens")
