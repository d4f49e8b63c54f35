"""A terminal with only the features that the station uses: text in two colours, line feeds, and
clearing of the screen and saved lines. Anything else is a failure."""

import codecs
import re
import unicodedata

# The mark of a row that continues the line of the row above.
GOES_ON = "\u21b3"
SEQUENCE = re.compile(r"\x1b\[(H|2J|3J|0m|1;31m|33m)")
WHOLE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Screen:
    """`on_frame` is called with what can be seen or scrolled back to, whenever something was added to it or is about to be cleared."""

    def __init__(self, rows, columns, on_frame):
        self.rows, self.columns, self.on_frame = rows, columns, on_frame
        self.saved, self.lines, self.row, self.column = [], [""] * rows, 0, 0
        self.decode = codecs.getincrementaldecoder("utf-8")().decode
        self.rest = ""

    def seen(self):
        """Line by line, regardless of how they are broken into rows."""
        return "\n".join(self.saved + self.lines).replace("\n" + GOES_ON, "")

    def feed(self, piece):
        text = self.rest + self.decode(piece)
        self.rest = ""
        while text:
            if text[0] == "\x1b":
                if len(text) < 7 and not WHOLE.match(text):
                    self.rest = text
                    break
                found = SEQUENCE.match(text)
                assert found, f"a sequence that the station never sends: {text[:8]!r}"
                if not found[1].endswith("m"):
                    self.on_frame(self.seen())
                    self.sequence(found[1])
                text = text[found.end():]
            else:
                self.put(text[0])
                text = text[1:]
        self.on_frame(self.seen())

    def sequence(self, name):
        if name == "H":
            self.row = self.column = 0
        elif name == "2J":
            # Like many terminals: the former screen can be scrolled back to.
            self.saved += self.lines
            self.lines = [""] * self.rows
        else:
            self.saved = []

    def put(self, c):
        if c == "\r":
            self.column = 0
        elif c == "\n":
            self.down()
        else:
            assert c >= " ", repr(c)
            width = 2 if unicodedata.east_asian_width(c) in "WF" else 1
            if self.column + width > self.columns:
                self.down()
                self.column, self.lines[self.row] = 0, GOES_ON
            # Nothing is ever overwritten, so a line only grows.
            self.lines[self.row] += c
            self.column += width

    def down(self):
        self.row += 1
        if self.row == self.rows:
            self.on_frame(self.seen())
            self.saved.append(self.lines.pop(0))
            self.lines.append("")
            self.row -= 1
