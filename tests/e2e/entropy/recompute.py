"""Recomputes ceremony/operate/entropy-vectors.json from ceremony/operate/entropy.md, using only the standard library.

    recompute.py entropy-vectors.json            compares every value, says how many
    recompute.py --write inputs.json             prints the file with every value filled in

Throw-away values only: a value in such a file is no longer secret.
"""

import hashlib
import hmac
import json
import struct
import sys

POOL = b"keyferry/entropy-pool/1"
SALT = b"keyferry/mixed/1"
COMMITMENT_OF_MATERIAL = b"keyferry/commitment/1"
COMMITMENT_OF_OPERATOR = b"keyferry/entropy-commitment/1"


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def chacha20(seed, n):
    """RFC 8439 section 2.3, nonce zero, counter from zero: the inner generator of a seeded rehearsal."""

    def quarter(s, a, b, c, d):
        for x, y, z, r in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[x] = (s[x] + s[y]) & 0xFFFFFFFF
            s[z] ^= s[x]
            s[z] = (s[z] << r | s[z] >> (32 - r)) & 0xFFFFFFFF

    out = b""
    while len(out) < n:
        start = list(struct.unpack("<4I", b"expand 32-byte k")) + list(struct.unpack("<8I", seed))
        start += [len(out) // 64, 0, 0, 0]
        s = start[:]
        for _ in range(10):
            for columns in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)):
                quarter(s, *columns)
            for diagonals in ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
                quarter(s, *diagonals)
        out += struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(s, start)))
    return out[:n]


def pool(contributions):
    message = b""
    for c in contributions:
        for field in (c["kind"].encode(), bytes.fromhex(c["bytes"])):
            message += struct.pack(">Q", len(field)) + field
    return mac(POOL, message)


def block(fresh, pooled, number):
    """HKDF (RFC 5869): extract, then the first block of expand."""
    return mac(mac(SALT, fresh + pooled), struct.pack(">Q", number) + b"\x01")


def fill(vector):
    """Every computed member of a vector, from its name, seed, contributions and the keys' lengths."""
    pooled = pool(vector["contributions"])
    keys = vector["keys"]
    inner = chacha20(bytes.fromhex(vector["rehearsal_seed"]), 64 * len(keys))
    blocks = [block(inner[32 * i : 32 * i + 32], pooled, i) for i in range(2 * len(keys))]
    filled = []
    for i, key in enumerate(keys):
        # Two blocks for each key: its material, then the seed of OAEP with SHA-256.
        material = blocks[2 * i][: key["bits"] // 8]
        commitment = mac(material, COMMITMENT_OF_MATERIAL).hex()
        filled.append({"bits": key["bits"], "material": material.hex(), "commitment": commitment})
    contributions = []
    for c in vector["contributions"]:
        c = {"kind": c["kind"], "bytes": c["bytes"]}
        if c["kind"].startswith("operator-"):
            c["commitment"] = hashlib.sha256(COMMITMENT_OF_OPERATOR + bytes.fromhex(c["bytes"])).hexdigest()
        contributions.append(c)
    return {
        "name": vector["name"],
        "rehearsal_seed": vector["rehearsal_seed"],
        "contributions": contributions,
        "pool": pooled.hex(),
        "blocks": [b.hex() for b in blocks],
        "keys": filled,
    }


def main():
    write = sys.argv[1] == "--write"
    with open(sys.argv[2] if write else sys.argv[1], encoding="utf-8") as file:
        published = json.load(file)
    vectors = [fill(v) for v in published["vectors"]]
    if write:
        print(json.dumps({"warning": published["warning"], "vectors": vectors}, indent=2))
        return
    for mine, theirs in zip(vectors, published["vectors"]):
        if mine != theirs:
            sys.exit(f"{mine['name']}: differs\n{json.dumps(mine, indent=2)}")
    if not vectors:
        sys.exit("no vectors")
    print(f"{len(vectors)} vectors recomputed")


# RFC 8439 section A.1, test vector 1: this file's own known answer.
assert chacha20(bytes(32), 32).hex() == "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
main()
