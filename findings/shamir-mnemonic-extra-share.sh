#!/usr/bin/env bash
# Finding: `combine_mnemonics` of the reference implementation of SLIP-0039 refuses more shares than
# the threshold, although all are valid. `RecoveryState` of the same package accepts them.
#
#     findings/shamir-mnemonic-extra-share.sh [VERSION]
#
# Software: shamir-mnemonic 0.3.0, the newest on PyPI on 2026-11-30, when this was seen.
#
# Guess: `combine_mnemonics` with all three shares of a 2-of-3 set returns the secret, because any
# two of them are enough.
#
# Seen: it raises MnemonicError, "Wrong number of mnemonics. Expected 2 mnemonics … but 3 were
# provided". The same share twice together with another one is accepted, because shares are kept as
# a set. One group beyond the group threshold is refused as well, even if that group is complete.
# `RecoveryState.recover` returns the secret in all these cases. Whether a drill succeeds at which
# every custodian brings a share therefore depends on the function that the program calls, and a
# test with exactly the threshold of shares does not notice.
#
# Why: `recover_ems` in `shamir_mnemonic/shamir.py` compares the number of groups, and the number of
# shares in each group, with the thresholds by `!=`. `RecoveryState.recover` in `recovery.py` first
# reduces what it has to a minimal selection and then calls the same function.
#
# The script installs the package in a temporary folder. It does not use keyferry. It needs Python 3
# with venv and takes about 10 seconds. Exit code: 0 as stated here, 1 changed (each difference is
# printed), 2 not installed or not run to the end.
set -euo pipefail

version=${1-0.3.0}
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT

python3 -m venv "$folder/venv" &&
    PIP_DISABLE_PIP_VERSION_CHECK=1 timeout 300 "$folder/venv/bin/pip" install -q --no-input \
        "shamir-mnemonic==$version" || {
    echo 'the library was not installed, so nothing was checked' >&2
    exit 2
}

code=0
timeout 60 "$folder/venv/bin/python" -I - <<'PYTHON' || code=$?
import importlib.metadata
import sys

from shamir_mnemonic import shamir
from shamir_mnemonic.recovery import RecoveryState
from shamir_mnemonic.share import Share
from shamir_mnemonic.utils import MnemonicError

SECRET = bytes(range(16))


def outcome(work):
    try:
        return "the secret" if work() == SECRET else "another secret"
    except MnemonicError as error:
        return str(error).split(" starting with ")[0].split(". Expected ")[0]


def by_state(shares):
    state = RecoveryState()
    for share in shares:
        state.add_share(Share.from_mnemonic(share))
    return state.recover(b"")


[a, b, c], = shamir.generate_mnemonics(1, [(2, 3)], SECRET)
[one], [two, _, three] = shamir.generate_mnemonics(1, [(1, 1), (2, 3)], SECRET)
MEMBERS, GROUPS = "Wrong number of mnemonics", "Wrong number of mnemonic groups"
NONE = "The set of shares is empty."
# Shares; then as stated: by combine_mnemonics, by RecoveryState.
STATED = [
    ("two of a 2-of-3 set", [a, c], "the secret", "the secret"),
    ("all three of a 2-of-3 set", [a, b, c], MEMBERS, "the secret"),
    ("two, and one of them again", [a, c, a], "the secret", "the secret"),
    ("one of a 2-of-3 set", [b], MEMBERS, NONE),
    ("1 of 2 groups", [one], "the secret", "the secret"),
    ("both groups, each complete", [one, two, three], GROUPS, "the secret"),
]
print("shamir-mnemonic", importlib.metadata.version("shamir-mnemonic"))
changed = []
for name, shares, *stated in STATED:
    seen = [outcome(lambda: work(shares)) for work in (shamir.combine_mnemonics, by_state)]
    print("%s\n    combine_mnemonics: %s\n    RecoveryState: %s" % (name, *seen))
    if seen != stated:
        changed.append("%s; stated: %s; seen: %s" % (name, stated, seen))
print("\n".join(["CHANGED"] + changed) if changed else "as stated")
sys.exit(3 if changed else 0)
PYTHON

case $code in
0) exit 0 ;;
3) exit 1 ;;
*) echo "the check did not run to its end (exit code $code)" >&2 && exit 2 ;;
esac
