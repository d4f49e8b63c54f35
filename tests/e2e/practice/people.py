"""People at a rehearsal on a terminal: they press Enter for each step, answer each question, and write shares on paper.

    people.py PROGRAMS FOLDER LANG SHARES       the folder holds plan.toml; SHARES of it, 0 for none; prints one line of figures
"""

import re
import sys

import os

PROGRAMS, FOLDER, LANG, SHARES = sys.argv[1:5]
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../share_screen"))
sys.argv[1] = f"{PROGRAMS}/keyferry"
from station import CLEAR, WORDS, Station, alone, flat, read_back, shown  # noqa: E402

STEP = {"en": "Enter runs it, s stops:", "zh": "按回车运行，输入 s 停止："}[LANG]
HEAD = {"en": "type Yes", "zh": "请输入 Yes"}[LANG]
REHEARSE = ("rehearse", "--out", "out", "--plan", "plan.toml", "--interactive", "--bin-dir", PROGRAMS)
ASKING = ["create-key", "export", "wrap", "import", "sign"]


def step(people):
    """Returns the next step's name; before it runs, people are shown who acts, and the command."""
    came = people.expect(STEP, raw=True)
    name = re.findall(r"\n  \d+  ([a-z -]+)  \(.*?\)\r\n  (?:who|由谁|next|下一位) ", came)
    assert name and re.search(r"\n  \$ (?:unshare .*)?keyferry", came), came
    return name[-1]


def custodians(people):
    for _ in range(int(SHARES)):
        alone(people)
        words, _ = shown(people)
        people.type("")
        read_back(people, words)
        people.expect(CLEAR)


def whole():
    people = Station(*REHEARSE)
    steps = []
    while not steps or steps[-1] != "report":
        name = step(people)
        # Anything other than Enter runs nothing.
        if not steps:
            people.type("yes")
            came = people.expect(STEP, raw=True)
            assert not re.search(r"\n  2  ", came), came
        steps.append(name)
        people.type("")
        if name in ASKING:
            people.expect(WORDS["yes"] if name != "sign" else HEAD)
            people.type("Yes")
        if name == "wrap":
            custodians(people)
    assert people.end() == 0, people.seen[-3000:].decode(errors="replace")
    assert f"{FOLDER}/out".encode() in people.seen.split(b"report")[-1], people.seen[-1000:]
    return steps


def stopped():
    """At the second step `s` stops; before that, a command that fails is offered again."""
    people = Station(*REHEARSE)
    assert step(people) == "plan check"
    people.type("")
    assert step(people) == "create-key"
    people.type("")
    people.expect(WORDS["yes"])
    people.type("No")
    people.expect("KF-CONSENT-01")
    people.expect(STEP)
    assert not os.path.exists(f"{FOLDER}/out/ceremony/plan.toml")
    people.type("s")
    code = people.end()
    assert code == 1, (code, people.seen[-2000:].decode(errors="replace"))
    said = flat(people.seen[people.at:].decode())
    assert "KF-CONSENT-01" in said and "create-key" in said and f"{FOLDER}/out" in said, said


steps = whole()
stopped()
print(f"{len(steps)} steps: {' '.join(steps)}")
