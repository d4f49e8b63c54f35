"""The reference implementation of SLIP-0039 (PyPI `shamir-mnemonic`) as a partner, over standard input and output.

    shares.py make N SEED      N sharings, a line each: secret, passphrase (hex both), enough mnemonics, tab-separated
    shares.py combine          the same lines in; "ok" out for each that recovers its secret, else why not
    shares.py judge N SEED     N selections of mnemonics, most of them wrong: the combined secret (hex, or "-" if refused),
                               the mistake's name, the mnemonics

The seed decides what is asked for; the randomness of the shares is the implementation's own.
"""

import random
import sys
from dataclasses import replace

from shamir_mnemonic import combine_mnemonics, generate_mnemonics
from shamir_mnemonic.share import Share

PRINTABLE = [chr(c) for c in range(32, 127)]


def scheme(dice):
    """Group threshold and (member threshold, member count) of each group."""
    groups = []
    for _ in range(dice.choice([1, 1, 1, 2, 3, 5, 16])):
        count = dice.choice([1, 2, 3, 5, 8, 16])
        groups.append((1, 1) if count == 1 else (dice.randint(2, count), count))
    return dice.randint(1, len(groups)), groups


def sharing(dice):
    secret = dice.randbytes(dice.choice([16, 32]))
    passphrase = "".join(dice.choices(PRINTABLE, k=dice.choice([0, 0, 1, 8, 63, 64, 80]))).encode()
    threshold, groups = scheme(dice)
    extendable, exponent = dice.random() < 0.5, dice.randint(0, 2)
    made = generate_mnemonics(threshold, groups, secret, passphrase, extendable, exponent)
    return secret, passphrase, threshold, groups, made


def enough(dice, threshold, groups, made):
    """A random selection that reaches every threshold exactly, in random order."""
    chosen = []
    for index in dice.sample(range(len(groups)), threshold):
        chosen += dice.sample(made[index], groups[index][0])
    dice.shuffle(chosen)
    return chosen


def make(count, dice):
    for _ in range(count):
        secret, passphrase, threshold, groups, made = sharing(dice)
        print("\t".join([secret.hex(), passphrase.hex(), *enough(dice, threshold, groups, made)]))


def combine():
    for line in sys.stdin:
        secret, passphrase, *mnemonics = line.rstrip("\n").split("\t")
        try:
            found = combine_mnemonics(mnemonics, bytes.fromhex(passphrase))
            print("ok" if found.hex() == secret else "another secret")
        except Exception as error:  # whatever it is, the other side must read it
            print(f"{type(error).__name__}: {error}")


def other_fields(dice, mnemonics):
    """One share says something else of itself, under a right checksum."""
    at = dice.randrange(len(mnemonics))
    share = Share.from_mnemonic(mnemonics[at])
    field = dice.choice(
        ["identifier", "extendable", "iteration_exponent", "group_index", "group_threshold", "group_count", "index",
         "member_threshold", "value"]
    )
    if field == "identifier":
        new = share.identifier ^ (1 << dice.randrange(15))
    elif field == "extendable":
        new = not share.extendable
    elif field == "iteration_exponent":
        new = share.iteration_exponent ^ 1
    elif field in ("group_index", "index"):
        new = dice.randrange(16)
    elif field == "value":
        flipped = bytearray(share.value)
        flipped[dice.randrange(len(flipped))] ^= 1 << dice.randrange(8)
        new = bytes(flipped)
    else:
        new = dice.randint(1, 16)
    mnemonics[at] = replace(share, **{field: new}).mnemonic()
    return field


def other_word(dice, mnemonics):
    at = dice.randrange(len(mnemonics))
    words = mnemonics[at].split()
    words[dice.randrange(len(words))] = dice.choice(mnemonics[0].split())
    mnemonics[at] = " ".join(words)
    return "word"


def spoil(dice, mnemonics, foreign, made):
    """One mistake, in place; returns its name."""
    mistake = dice.choice(["none", "fields", "fields", "fields", "word", "fewer", "more", "foreign", "length"])
    if mistake == "fields":
        return other_fields(dice, mnemonics)
    if mistake == "word":
        return other_word(dice, mnemonics)
    if mistake == "fewer":
        mnemonics.pop(dice.randrange(len(mnemonics)))
    elif mistake == "more":
        mnemonics.append(dice.choice(dice.choice(made)))
    elif mistake == "foreign":
        mnemonics[dice.randrange(len(mnemonics))] = foreign
    elif mistake == "length":
        at = dice.randrange(len(mnemonics))
        words = mnemonics[at].split()
        mnemonics[at] = " ".join(words[: dice.randrange(len(words))])
    return mistake


def judge(count, dice):
    for _ in range(count):
        secret = dice.randbytes(dice.choice([16, 32]))
        threshold, groups = scheme(dice)
        extendable = dice.random() < 0.5
        made = generate_mnemonics(threshold, groups, secret, b"", extendable, 0)
        foreign = generate_mnemonics(1, [(1, 1)], secret, b"", extendable, 0)[0][0]
        mnemonics = enough(dice, threshold, groups, made)
        mistake = spoil(dice, mnemonics, foreign, made)
        try:
            verdict = combine_mnemonics(mnemonics).hex()
        except Exception:
            verdict = "-"
        print("\t".join([verdict, mistake, *mnemonics]))


def main():
    command, *rest = sys.argv[1:]
    if command == "combine":
        combine()
    else:
        count, seed = rest
        {"make": make, "judge": judge}[command](int(count), random.Random(seed))


main()
