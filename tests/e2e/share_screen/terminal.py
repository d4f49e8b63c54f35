"""Shares on a terminal: each is on its own screen, which is cleared afterwards, and is read back word by word; a typo is located and has to be retyped.

    terminal.py PROGRAM FOLDER LANG     the folder holds plan.toml and medium/parameters.json; prints one line of figures

The terminal's input is cut at every clearing of screen and saved lines. A share's words may only be in parts that end with a clearing.
"""

import os
import re
import time

from station import CLEAR, FOLDER, LANG, WORDS, Station, alone, misspelt, read_back, shown, without_digests


def wrap(name):
    # With a fixed seed, because two swapped neighbours must differ, and few words may occur in our own
    # texts.
    station = Station("wrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json", "--out", "medium",
                      "--rehearsal-seed", "42" * 32)
    station.expect(WORDS["yes"])
    station.type("Yes")
    all_words = []
    for share in range(1, 4):
        said = alone(station)
        assert WORDS["next"].format(share, 3) in said and name(share) in said, said
        words, screen = shown(station)
        assert name(share) in screen, screen
        assert not any(" ".join(other[4:8]) in screen for other in all_words), "two shares on one screen"
        all_words.append(words)
        station.type("")
        if share == 1:
            # An empty line shows it again; a misspelt word is pointed out; a missing word is requested.
            station.expect(WORDS["word"].format(1, len(words)))
            station.type("")
            again, _ = shown(station)
            assert again == words
            station.type("")
            read_back(station, words, misspelt_at=[6])
        elif share == 2:
            # A wrong word from the list: the checksum locates it, and only this word is typed again.
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
    """Text that is not followed by a clearing of the screen contains no word of a share, except the two that name the set."""
    left = station.seen.split(CLEAR)[-1].decode(errors="replace")
    left = without_digests(left)
    found = [w for words in all_words for w in words[4:] if re.search(rf"\b{w}\b", left)]
    # Everyday words such as "short" may occur by chance, but never many.
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
alone(drill)
read_back(drill, shares[1], misspelt_at=[5])
drill.expect(CLEAR)
assert drill.end() == 0, drill.seen.decode(errors="replace")
check = drill.seen.split(CLEAR)[-1].decode()
assert "2" in check and not any(" ".join(shares[1][n:n + 2]) in check for n in range(4, len(shares[1]) - 2)), check

# Standard error goes into a file: words that resemble a typo are not written there.
log = f"{FOLDER}/log"
logged = Station("drill", "--transcript", "medium/transcript.jsonl", "--share", stderr=log)
while WORDS["yes"] not in open(log).read():
    time.sleep(0.002)
logged.type("Yes")
while WORDS["turn"] not in open(log).read():
    time.sleep(0.002)
logged.type("")
slip = misspelt(shares[1][6])
for n, word in enumerate(shares[1], 1):
    asked = WORDS["word"].format(n, len(shares[1]))
    for times, text in enumerate(([slip] if n == 7 else []) + [word], 1):
        while open(log).read().count(asked) < times:
            time.sleep(0.002)
        logged.type(text)
assert logged.end() == 0, open(log).read()
text = open(log).read()
# Our own texts also contain everyday words, but never many.
said = {w for w in shares[1][4:] if re.search(rf"\b{w}\b", text)}
assert WORDS["near"] not in text and len(said) <= 3, (said, text)

# If standard error is redirected, no share is shown at all.
os.rename(f"{FOLDER}/medium/transcript.jsonl", f"{FOLDER}/first.jsonl")
os.remove(f"{FOLDER}/medium/ciphertext.json")
refused = Station("wrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json", "--out", "medium", stderr=log)
assert refused.end() == 1
assert "KF-BACKUP-01" in open(log).read(), open(log).read()
assert not os.path.exists(f"{FOLDER}/medium/transcript.jsonl")
print(f"{len(shares)} shares of {len(shares[0])} words; {station.seen.count(CLEAR)} screens cleared")
