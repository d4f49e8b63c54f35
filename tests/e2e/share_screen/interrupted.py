"""Keys and signals that end a program, sent while words of a share are on the screen: the screen is cleared, and the command ends by itself.

    interrupted.py PROGRAM FOLDER LANG      the folder holds plan.toml and medium/parameters.json; prints one line of figures
"""

import json
import os
import re
import signal
import termios

from station import CLEAR, FOLDER, WORDS, Station, alone, shown

KEYS = {"Ctrl-C": b"\x03", "Ctrl-backslash": b"\x1c", "Ctrl-Z": b"\x1a"}
SIGNALS = [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGTSTP]


def key(octet):
    return lambda station: os.write(station.terminal, octet)


def sent(number):
    return lambda station: os.kill(station.pid, number)


WAYS = {name: key(octet) for name, octet in KEYS.items()} | {number.name: sent(number) for number in SIGNALS}


def check(name, interrupt, typed):
    """One run, interrupted while share 1 is shown or, after some words, while it is `typed`."""
    out = f"{name}-{typed}"
    os.mkdir(f"{FOLDER}/{out}")
    station = Station("wrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json", "--out", out,
                      "--rehearsal-seed", "42" * 32)
    before = termios.tcgetattr(station.terminal)
    station.expect(WORDS["yes"])
    station.type("Yes")
    alone(station)
    words, _ = shown(station)
    if typed:
        station.type("")
        for n, word in enumerate(words[:typed], 1):
            station.expect(WORDS["word"].format(n, len(words)))
            station.type(word)
        station.expect(WORDS["word"].format(typed + 1, len(words)))
        # The line being typed is also on the screen.
        os.write(station.terminal, words[typed].encode())
        station.expect(words[typed])
    cleared = station.seen.count(CLEAR)
    interrupt(station)
    station.read_to_end()
    after = termios.tcgetattr(station.terminal)
    code = station.reap()
    said = station.seen.decode(errors="replace")
    assert "production refuses it" in said.split(CLEAR.decode())[0], (out, said)
    assert code == 1, (out, code, said[-1500:])
    assert after == before, (out, before, after)
    # After the last clearing comes the refusal, without words of the share.
    assert station.seen.count(CLEAR) > cleared, (out, said[-1500:])
    left = said.split(CLEAR.decode())[-1]
    assert "KF-CONSENT-03" in left and "share 1 of 3 was not confirmed" in left, (out, left)
    # The first words name the set; everyday words may appear singly, but never two in a row as on the share.
    found = [n for n in range(4, len(words) - 1) if re.search(rf"\b{words[n]}\b\W+\b{words[n + 1]}\b", left)]
    assert not found and left.count(words[4]) <= 1, (out, left)
    lines = [json.loads(line) for line in open(f"{FOLDER}/{out}/transcript.jsonl")]
    assert lines and not any("share-confirmed" in json.dumps(line) for line in lines), (out, lines)
    assert not os.path.exists(f"{FOLDER}/{out}/ciphertext.json"), out


for name, interrupt in WAYS.items():
    for typed in (0, 7):
        check(name, interrupt, typed)
print(f"{len(WAYS)} ways to interrupt, each while a share was shown and while it was typed")
