"""A whole ceremony on terminals of one size: nothing that people read or compare is divided where it should not be.

    window.py PROGRAMS FOLDER LANG COLUMNS ENDPOINT      the folder holds plan.draft.toml; prints one line of figures

Every line must fit the window, so that the terminal itself divides nothing. The divisions by the
programs are checked here: digests, words with their numbers, commands in backquotes. A command with
the same output each time must print the same words in a pipe.
"""

import hashlib
import os
import re

from terminal import COLOUR, COLUMNS, FOLDER, LANG, PROGRAMS, in_pipe, on_terminal, width

GROUPS = re.compile(r"\b[0-9a-f]{4}(?: [0-9a-f]{4})+\b(?: …)?")
CELLS = re.compile(r"(\d{1,2}) ([a-z]{3,8}|[\u4e00-\u9fff])(?= |$)")


def squeezed(text):
    return "".join(COLOUR.sub("", text).split())


def lines_of(text):
    plain = COLOUR.sub("", text)
    assert "\x1b" not in plain, f"another sequence than a colour: {plain!r}"
    return plain.replace("\r", "").split("\n")


def look(command, text):
    """Checks each visible line."""
    for line in lines_of(text):
        assert width(line) <= COLUMNS, f"{command}: {width(line)} columns: {line}"
        assert line.count("`") % 2 == 0, f"{command}: a command is divided: {line}"
        for groups in GROUPS.findall(line):
            # Half a digest, or the beginning that a banner shows.
            count = len(groups.split())
            assert count == (5 if "…" in groups else 8), f"{command}: {count} groups of a digest: {line}"
        assert not re.search(r"^[\s]*[，。；：、）”]", line), f"{command}: a line begins with a closing mark: {line}"


def blocks(text):
    """The words that are shown: the 24 words of each block in each language, in order."""
    found, open_blocks = [], {}
    for line in lines_of(text):
        cells = CELLS.findall(line)
        if len(cells) < 2 or CELLS.sub("", line).strip():
            continue
        for number, word in cells:
            kind = "en" if word.isascii() else "zh"
            words = open_blocks.setdefault(kind, [])
            if int(number) != len(words) + 1:
                words.clear()
            words.append(word)
            if len(words) == 24:
                found.append((kind, tuple(words)))
                open_blocks[kind] = []
    return found


LISTS = {lang: open(f"{os.environ['WORDS']}/{name}.txt").read().split()
         for lang, name in (("en", "english"), ("zh", "chinese_simplified"))}


def words_of(digest):
    """BIP-39."""
    number = int.from_bytes(digest + hashlib.sha256(digest).digest()[:1], "big")
    return {lang: tuple(words[number >> 11 * (23 - n) & 2047] for n in range(24)) for lang, words in LISTS.items()}


def shows(command, text, digest):
    """In hex in lines of eight groups, and in words of both languages."""
    groups = re.findall("....", digest.hex())
    lines = [line.strip() for line in lines_of(text)]
    first, second = " ".join(groups[:8]), " ".join(groups[8:])
    assert any(one.endswith(first) and next_one == second for one, next_one in zip(lines, lines[1:])), (command, text)
    for lang, words in words_of(digest).items():
        assert (lang, words) in blocks(text), f"{command}: not in words of {lang}: {digest.hex()}\n{text}"
    for name in ("English", "简体中文"):
        assert name in text, (command, text)


def file_digest(name):
    return hashlib.sha256(open(f"{FOLDER}/{name}", "rb").read()).digest()


def head():
    return hashlib.sha256(open(f"{FOLDER}/medium/transcript.jsonl", "rb").read().splitlines()[-1]).digest()


PLAN = ["--plan", "plan.toml"]
FILES = [*PLAN, "--parameters", "medium/parameters.json"]
# Each command, its exit code, and whether its output is the same each time.
CEREMONY = [
    (["keyferry", "plan", "check", "plan.draft.toml"], 0, True),
    (["keyferry-online", "create-key", "--plan", "plan.draft.toml", "--out", "plan.toml"], 0, False),
    (["keyferry", "plan", "diff", "plan.draft.toml", "plan.toml"], 0, False),
    (["keyferry-online", "check-access", *PLAN], 0, False),
    (["keyferry-online", "export", *PLAN, "--out", "medium", "--session", "session.json"], 0, False),
    (["keyferry-offline", "self"], 0, True),
    (["keyferry-offline", "preflight", *FILES, "--out", "medium"], None, False),
    (["keyferry-offline", "inspect", *FILES], 0, False),
    (["keyferry-offline", "show", "medium/parameters.json", "--html", "page.html"], 0, False),
    (["keyferry-offline", "note", "--transcript", "medium/transcript.jsonl", "--by", "Ada", "--text", "the clock is right", *PLAN], 0, False),
    (["keyferry-offline", "wrap", *FILES, "--out", "medium"], 0, False),
    (["keyferry-offline", "wrap", *FILES, "--out", "medium"], 1, False),
    (["keyferry-online", "import", "--session", "session.json", "--ciphertext", "medium/ciphertext.json"], 0, False),
    (["keyferry-online", "status", *PLAN], 0, False),
    (["keyferry", "verify", "medium/transcript.jsonl"], 0, True),
    (["keyferry", "archive", "medium", "archive"], None, False),
    (["keyferry", "verify", "record"], 0, True),
    (["keyferry", "report", "record", "--out", "report.html"], 0, False),
    (["keyferry", "sign", "record"], None, False),
    # Commands that fail.
    (["keyferry", "verify", "record", "--expect", "production"], 1, False),
    (["keyferry-offline", "inspect", *PLAN, "--parameters", "medium/ciphertext.json"], 1, False),
    (["keyferry-offline", "inspect", *PLAN], 2, False),
    (["keyferry-online", "export", *PLAN, "--out", "elsewhere", "--session", "other.json"], None, False),
    (["keyferry-online", "status", "--region", "ap-nowhere", "--key-id", "none"], None, False),
    (["keyferry-online", "disable", *PLAN, "--alias", "nobody"], None, False),
]


def ceremony():
    seen = {}
    for command, code, same in CEREMONY:
        if command[1:3] == ["verify", "record"] and not os.path.exists(f"{FOLDER}/record"):
            os.mkdir(f"{FOLDER}/record")
            for source, name in (("plan.toml", "plan.toml"), *((f"medium/{n}", n) for n in os.listdir(f"{FOLDER}/medium"))):
                with open(f"{FOLDER}/{source}", "rb") as of, open(f"{FOLDER}/record/{name}", "wb") as to:
                    to.write(of.read())
        text, ended = on_terminal(command)
        assert code is None or ended == code, f"{command} ended with {ended}\n{text}"
        assert ended in (0, 1, 2, 3, 4), (command, ended)
        look(command, text)
        seen.setdefault(" ".join(command[:2]), text)
        if same:
            out, err = in_pipe(command)
            *rest, raw = out.rstrip("\n").split("\n")
            assert re.fullmatch("[0-9a-f]{64}", raw), (command, out)
            assert raw not in text.replace("\r", "").split("\n"), f"{command}: a raw line on a terminal"
            said = squeezed(err) + squeezed("".join(rest))
            assert sorted(squeezed(text)) == sorted(said), f"{command}: not the same in a pipe:\n{text}\n---\n{err}{out}"
    shows("export", seen["keyferry-online export"], file_digest("medium/parameters.json"))
    shows("wrap", seen["keyferry-offline wrap"], file_digest("medium/parameters.json"))
    shows("wrap", seen["keyferry-offline wrap"], file_digest("medium/ciphertext.json"))
    shows("import", seen["keyferry-online import"], file_digest("medium/ciphertext.json"))
    shows("verify", seen["keyferry verify"], head())
    shows("self", seen["keyferry-offline self"], hashlib.sha256(open(f"{PROGRAMS}/keyferry-offline", "rb").read()).digest())
    assert not blocks(seen["keyferry-offline inspect"]), "inspect shows words"
    # The last rows of preflight are those that failed, after their number.
    rows = lines_of(seen["keyferry-offline preflight"])
    fail, count = {"en": ("FAIL", r"^  (\d+) FAIL, \d+ NOTE$"), "zh": ("不符", r"^  (\d+) 项不符，\d+ 项注意$")}[LANG]
    at = next(n for n, row in enumerate(rows) if re.match(count, row))
    failed = int(re.match(count, rows[at])[1])
    for part in (rows[:at], rows[at:]):
        assert sum(row.startswith(f"  {fail}  ") for row in part) == failed > 0, (failed, part)
    return sum(len(blocks(text)) for text in seen.values()), seen


blocks_seen, seen = ceremony()
print(f"{len(CEREMONY)} commands, {blocks_seen} blocks of words")
