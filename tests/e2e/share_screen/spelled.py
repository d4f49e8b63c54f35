"""A terminal shows the same reasons as a pipe, and accepts the numbers that a sheet prints next to a word.

    spelled.py PROGRAM FOLDER LANG      the folder holds plan.toml and medium/parameters.json; prints one line of figures
"""

import re
import subprocess

from station import CLEAR, ENV, FOLDER, PROGRAM, WORDS, Station, alone, read_back, shown

FILES = ["--plan", "plan.toml", "--parameters", "medium/parameters.json", "--out", "medium"]
station = Station("wrap", *FILES, "--rehearsal-seed", "42" * 32)
# An answer that is nearly consent is not consent; the program asks once more.
for answers in (["y", "y"], ["yes", ""], ["no"]):
    stopped = Station("wrap", *FILES)
    stopped.expect(WORDS["yes"])
    stopped.type(answers[0])
    for answer in answers[1:]:
        stopped.expect("Type exactly Yes")
        stopped.type(answer)
    assert stopped.end() == 1 and b"KF-CONSENT-01" in stopped.seen, stopped.seen.decode()
station.expect(WORDS["yes"])
station.type("y")
station.expect("Type exactly Yes")
station.type("Yes")
for share in range(1, 4):
    alone(station)
    words, _ = shown(station)
    station.type("")
    read_back(station, words)
assert station.end() == 0
count = len(words)
wide = "".join(chr(ord(c) - 0x21 + 0xff01) for c in words[0])
one = " ".join(words)
TAKEN = {
    "plain": one, "capitals": one.upper(), "four letters": " ".join(w[:4] for w in words), "commas": ", ".join(words), "full stop": one + ".",
    "numbers": " ".join(f"{n} {w}" for n, w in enumerate(words, 1)), "numbers and stops": " ".join(f"{n}. {w}" for n, w in enumerate(words, 1)),
    "no-break spaces": "\u00a0".join(words), "wide spaces": "\u3000".join(words), "tabs": "\t".join(words),
}
# If the first word is wrong, it says why, and which part of the line was ignored.
REFUSED = {
    "full width": (wide, "switch off the input method"),
    "another number": (f"2 {words[0]}", "leave out the numbers of the words"),
    "hyphens": ("-".join(words[:2]), "leave out commas, full stops and hyphens"),
    "two words": (words[0] + words[1], "put a space between the two"),
    "three letters": ("pre", "type at least four letters"),
    "no word": ("zzzzzzzz", "compare it with the sheet"),
}


def drill():
    station = Station("drill", "--transcript", "medium/transcript.jsonl", "--share", "--record", f"{FOLDER}/drills.jsonl")
    station.expect(WORDS["yes"])
    station.type("Yes")
    alone(station)
    station.expect(WORDS["word"].format(1, count))
    return station


def piped(line):
    head = subprocess.run(["sh", "-c", "tail -n 1 medium/transcript.jsonl | tr -d '\\n' | sha256sum | cut -d' ' -f1"],
                          cwd=FOLDER, capture_output=True, text=True, check=True).stdout.strip()
    command = [PROGRAM, "drill", "--transcript", "medium/transcript.jsonl", "--share", "--expect-head", head,
               "--record", f"{FOLDER}/piped.jsonl", "--lang", "en"]
    run = subprocess.run(command, input=line + "\n", cwd=FOLDER, env=ENV, capture_output=True, text=True)
    return run.returncode, run.stderr


for what, line in TAKEN.items():
    code, said = piped(line)
    assert code == 0, (what, said)
    station = drill()
    station.type(line)
    assert station.end() == 0, (what, station.seen.decode()[-800:])
for what, (typed, reason) in REFUSED.items():
    code, said = piped(typed + " " + " ".join(words[1:]))
    assert code == 1 and reason in said and "KF-SHARE-01" in said, (what, said)
    station = drill()
    station.type(typed + " " + " ".join(words[1:]))
    said = station.expect(WORDS["word"].format(1, count))
    assert reason in said and "word 1" in said, (what, said)
    if what == "another number":
        said = said.replace(f"words 2 to {count + 1} of", f"words 2 to {count} of")
    assert f"words 2 to {count} of that line were ignored" in said, (what, said)
    station.type(one)
    assert station.end() == 0, what
print(f"{len(TAKEN)} spellings taken, {len(REFUSED)} refused with their reason, on a terminal as in a pipe")
