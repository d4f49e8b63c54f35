#!/usr/bin/env bash
# Finding: the fifth argument of `generate_mnemonics` changed its meaning without an error, and the
# same call can return shares that nothing recovers.
#
#     findings/shamir-mnemonic-fifth-argument.sh [NEW-VERSION [OLD-VERSION]]
#
# Software: shamir-mnemonic, the reference implementation of SLIP-0039: 0.3.0, the newest on PyPI on
# 2026-11-30, when this was seen, and 0.2.2, the version before it.
#
# Guess: `generate_mnemonics(1, [(2, 3)], secret, b"", 2)` makes a set with iteration exponent 2 in
# both versions, and two of its shares recover the secret.
#
# Seen: 0.2.2 does so. 0.3.0 takes the 2 as `extendable`, uses iteration exponent 1, and returns
# three shares without a warning. Each has an invalid checksum, so neither version reads it: the
# backup is lost at once. A fifth argument of 0 makes a set with exponent 1 instead of 0. With 1 the
# exponent is 1, as before, but the set has the extendable flag, which 0.2.2 cannot read. With 3 the
# set has the flag, exponent 1 instead of 3, and an identifier that is greater by one. It recovers.
# The changelog of 0.3.0 lists the flag under "Added", and not under "Incompatible".
#
# Why: 0.3.0 has the new parameter `extendable: bool = True` before `iteration_exponent`
# (`generate_mnemonics` in `shamir_mnemonic/shamir.py`). `_encode_id_exp` in `share.py` adds
# `extendable << 4` to the first fields of a share. A 2 carries into the identifier and leaves the
# flag 0. `_customization_string` finds 2 true and computes the checksum for a set with the flag;
# a reader sees a flag of 0 and checks the other one. Pass these arguments by name.
#
# The script installs both versions in a temporary folder and makes the same calls in each, with
# the same "random" bytes. It does not use keyferry. It needs Python 3 with venv and takes about 15
# seconds. Exit code: 0 as stated here, 1 changed (each difference is printed), 2 not installed or
# not run to the end.
set -euo pipefail

new=${1-0.3.0} old=${2-0.2.2}
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT

for version in "$new" "$old"; do
    python3 -m venv "$folder/$version" &&
        PIP_DISABLE_PIP_VERSION_CHECK=1 timeout 300 "$folder/$version/bin/pip" install -q \
            --no-input "shamir-mnemonic==$version" || {
        echo 'the library was not installed, so nothing was checked' >&2
        exit 2
    }
done

cat >"$folder/make.py" <<'PYTHON'
"""Makes a set for each fifth argument: {argument: shares}."""
import json

from shamir_mnemonic import shamir

shamir.RANDOM_BYTES = lambda length: bytes(range(length))
made = {n: shamir.generate_mnemonics(1, [(2, 3)], bytes(16), b"", n)[0] for n in range(4)}
print(json.dumps(made))
PYTHON

cat >"$folder/read.py" <<'PYTHON'
"""Reads such sets: {argument: [identifier, flag, exponent, the secret comes back] or error}."""
import json
import sys

from shamir_mnemonic import shamir
from shamir_mnemonic.share import Share
from shamir_mnemonic.utils import MnemonicError


def read(shares):
    try:
        share = Share.from_mnemonic(shares[0])
        back = shamir.combine_mnemonics(shares[:2]) == bytes(16)
    except MnemonicError as error:
        return str(error).split(" for ")[0]
    flag = bool(getattr(share, "extendable", False))
    return [share.identifier, flag, share.iteration_exponent, back]


print(json.dumps({n: read(shares) for n, shares in json.load(sys.stdin).items()}))
PYTHON

run() { timeout 60 "$folder/$1/bin/python" -I "$folder/$2.py"; }
code=0
{
    run "$new" make >"$folder/new.json" && run "$old" make >"$folder/old.json" &&
        run "$new" read <"$folder/new.json" >"$folder/new-new" &&
        run "$old" read <"$folder/new.json" >"$folder/new-old" &&
        run "$new" read <"$folder/old.json" >"$folder/old-new" &&
        run "$old" read <"$folder/old.json" >"$folder/old-old"
} || { echo 'the check did not run to its end' >&2 && exit 2; }

invalid='"Invalid mnemonic checksum"'
check() { # made by, read by, file, as stated
    local seen
    seen=$(cat "$folder/$3")
    printf 'made by %s, read by %s; argument: [identifier, flag, exponent, recovered]\n    %s\n' \
        "$1" "$2" "$seen"
    if [[ $seen != "$4" ]]; then
        printf 'CHANGED; stated:\n    %s\n' "$4"
        code=1
    fi
}
by_old='{"0": [1, false, 0, true], "1": [1, false, 1, true], "2": [1, false, 2, true],'
by_old+=' "3": [1, false, 3, true]}'
by_new="{\"0\": [1, false, 1, true], \"1\": [1, true, 1, true], \"2\": $invalid,"
by_new+=' "3": [2, true, 1, true]}'
by_new_for_old="{\"0\": [1, false, 1, true], \"1\": $invalid, \"2\": $invalid, \"3\": $invalid}"
check "$old" "$old" old-old "$by_old"
check "$old" "$new" old-new "$by_old"
check "$new" "$new" new-new "$by_new"
check "$new" "$old" new-old "$by_new_for_old"
[[ $code == 0 ]] && echo 'as stated'
exit $code
