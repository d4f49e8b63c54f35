"""The language of a screen, its two colours, and the output to a pager.

    manners.py PROGRAMS FOLDER LANG COLUMNS ENDPOINT     prints one line of figures
"""

import re

from terminal import COLUMNS, ENV, PROGRAMS, in_pipe, on_terminal, width

# Each is refused at once, with a message in its language.
REFUSED = [
    ["keyferry", "verify", "nothing"],
    ["keyferry-offline", "inspect", "--plan", "nothing", "--parameters", "nothing"],
    ["keyferry-online", "export", "--plan", "nothing", "--out", "medium", "--session", "session.json"],
    ["keyferry-scan", "nothing.png"],
]
NOTE = "--lang zh selects Chinese"


def languages():
    """Depending on TERM, LANG and the option: in Chinese or not, and whether a line says how to get Chinese."""
    tried = 0
    for command in REFUSED:
        for term, locale, lang, chinese, note in [
            ("linux", "zh_CN.UTF-8", (), False, True),
            ("linux", "zh_CN.UTF-8", ("--lang", "zh"), True, False),
            ("linux", "en_US.UTF-8", (), False, False),
            ("xterm", "zh_CN.UTF-8", (), True, False),
            ("xterm", "zh_CN.UTF-8", ("--lang", "en"), False, False),
            ("xterm", "zh_CN.GBK", (), False, True),
            ("xterm", "zh_CN.GB18030", (), False, True),
            ("xterm", "zh_CN.GBK", ("--lang", "zh"), True, False),
        ]:
            text, code = on_terminal(command, env={**ENV, "TERM": term, "LANG": locale}, lang=lang)
            said = " ".join(text.split())
            case = (command[0], term, locale, lang, text)
            assert code != 0 and ("错误" in said) == chinese and ("error" in said) != chinese, case
            assert said.count(NOTE) == note, case
            tried += 1
        # A file or pipe is not a console, even with another character set.
        for locale, chinese in (("zh_CN.UTF-8", True), ("zh_CN.GBK", False)):
            _, err = in_pipe(command, env={**ENV, "TERM": "linux", "LANG": locale}, lang=())
            assert ("错误" in err) == chinese and (NOTE in err) != chinese, (command[0], locale, err)
    return tried


def colours():
    preflight, refused = ["keyferry-offline", "preflight"], REFUSED[0]
    shown, _ = on_terminal(preflight)
    assert re.search("  \x1b\\[1;31mFAIL +[a-z-]+\x1b\\[0m", shown), shown
    assert re.search("  \x1b\\[33mNOTE +[a-z-]+\x1b\\[0m", shown), shown
    assert "\x1b[1;31merror [KF-POST-02]:\x1b[0m" in shown, shown
    assert not re.search("\x1b[^\n]*PASS", shown), shown
    assert "\x1b[1;31merror [" in on_terminal(refused)[0]
    assert "\x1b" in on_terminal(refused, env={**ENV, "NO_COLOR": ""})[0], "an empty NO_COLOR does not count"
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}):
        for command in (preflight, refused):
            text, _ = on_terminal(command, env={**ENV, **env})
            assert "\x1b" not in text, (env, text)
    for command in (preflight, refused):
        assert "\x1b" not in "".join(in_pipe(command)), command


def pager():
    """Standard output is laid out for the pager's window, without colours."""
    out, err = in_pipe(["keyferry-offline", "preflight"])
    rows = [row for row in out.splitlines() if re.match("  (PASS|FAIL|NOTE)  ", row)]
    assert len(rows) > 10 and not any(row in err for row in rows), (out, err)
    # In a pipe, sentences are not divided, so that programs can find them.
    assert max(width(row) for row in rows) > COLUMNS, out
    paged = lambda command: on_terminal(["/bin/sh", "-c", f"PATH={PROGRAMS}:$PATH; keyferry-offline {command} --lang en | cat"], lang=())[0]
    # The refusal comes on standard error, which is the terminal: before what `cat` copies, or after it.
    seen = re.sub("\x1b\\[1;31merror(?s:.*?)(?=\n  (?:PASS|FAIL|NOTE)  |\\Z)", "", paged("preflight"))
    assert "\x1b" not in seen and "  FAIL  " in seen, seen
    # This machine's rows may differ from one run to the next; the program does not.
    own, (out, _) = paged("self"), in_pipe(["keyferry-offline", "self"])
    assert "".join(out.split()) == "".join(own.split()), (out, own)
    for line in [*seen.splitlines(), *own.splitlines()]:
        assert width(line) <= COLUMNS, line


tried = languages()
colours()
pager()
print(f"{tried} screens, in one language each")
