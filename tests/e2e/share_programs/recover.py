"""Recovers shares, one on each line of standard input, with another program's code: prints the secret in hex, or ends with the exit code for its own exception.

    recover.py shamir-mnemonic|bip39-slip39|embit|buidl
"""

import sys

program, shares = sys.argv[1], [line.strip() for line in sys.stdin if line.strip()]
if program == "shamir-mnemonic":
    from shamir_mnemonic import combine_mnemonics

    secret = combine_mnemonics(shares)
elif program == "bip39-slip39":
    from bip39_slip39.slip39 import master_secret_from_mnemonics

    secret = master_secret_from_mnemonics(shares)
elif program == "embit":
    from embit.slip39 import Share, ShareSet

    secret = ShareSet([Share.parse(share) for share in shares]).recover()
elif program == "buidl":
    from buidl.shamir import Share, ShareSet

    secret = ShareSet([Share.parse(share) for share in shares]).recover()
else:
    raise SystemExit(f"unknown program: {program}")
print(bytes(secret).hex())
