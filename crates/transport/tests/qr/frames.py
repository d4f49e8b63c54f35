"""A second implementation of ceremony/spec/qr-frames.md, written from that page: nothing but Python's standard library.

    frames.py encode LONGEST FIRST COUNT < payload > lines     COUNT frames from index FIRST on
    frames.py decode                     < lines   > payload   any frames of one transfer, in any order
    frames.py vectors FILE                                     recomputes every vector of qr-frames-vectors.json

It trusts its frames as far as checksum and digest go. Sorting out forged frames is the Rust program's work.
"""

import hashlib
import json
import sys
import zlib

WIDTHS = [0, 3, 5, 8, 10, 13, 15, 17]

POWERS = [1]
while len(POWERS) < 255:
    value = POWERS[-1] << 1
    POWERS.append(value ^ 0x11D if value > 255 else value)
LOGARITHMS = {value: n for n, value in enumerate(POWERS)}


def product(a, b):
    return POWERS[(LOGARITHMS[a] + LOGARITHMS[b]) % 255] if a and b else 0


def quotient(a, b):
    return POWERS[(LOGARITHMS[a] - LOGARITHMS[b]) % 255] if a else 0


def scaled(row, factor):
    return bytes(product(factor, b) for b in row)


def added(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def to_digits(data):
    groups = (data[n : n + 7] for n in range(0, len(data), 7))
    return "".join(f"{int.from_bytes(g, 'big'):0{WIDTHS[len(g)]}}" for g in groups)


def from_digits(text):
    if not text.isascii() or not text.isdigit():
        raise ValueError("not digits")
    out = b""
    for n in range(0, len(text), 17):
        group = text[n : n + 17]
        out += int(group).to_bytes(WIDTHS.index(len(group)), "big")
    return out


def layout(total, longest):
    count = -(-total // longest)
    return count, -(-total // count)


def transfer_id(payload):
    return hashlib.sha256(len(payload).to_bytes(3, "big") + payload).digest()[:4]


def factors(identity, number, count):
    out, counter = [], 0
    while len(out) < count:
        seed = b"keyferry/frame/1" + identity + number.to_bytes(4, "big") + counter.to_bytes(4, "big")
        out += [b for b in hashlib.sha256(seed).digest() if b]
        counter += 1
    return out[:count]


def coefficients(identity, count, index):
    if index < count:
        return [int(k == index) for k in range(count)]
    if count >= 256:
        return factors(identity, index, count)
    stretch, row = divmod(index - count, 256 - count)
    return [quotient(f, (count + row) ^ k) for k, f in enumerate(factors(identity, stretch, count))]


def frame(payload, longest, index):
    count, length = layout(len(payload), longest)
    identity = transfer_id(payload)
    block = bytes(length)
    for k, factor in enumerate(coefficients(identity, count, index)):
        part = payload[k * length : (k + 1) * length].ljust(length, b"\0")
        block = added(block, scaled(part, factor))
    head = b"\x10" + identity + len(payload).to_bytes(3, "big") + index.to_bytes(2, "big")
    return head + zlib.crc32(head + block).to_bytes(4, "big") + block


def parsed(line):
    data = from_digits(line.strip(" \t\r\n"))
    head, crc, block = data[:10], data[10:14], data[14:]
    if len(data) < 15 or head[0] != 0x10 or zlib.crc32(head + block) != int.from_bytes(crc, "big"):
        raise ValueError("no frame")
    return head[1:5], int.from_bytes(head[5:8], "big"), int.from_bytes(head[8:10], "big"), block


def decode(lines):
    rows, key = {}, None
    for line in lines:
        identity, total, index, block = parsed(line)
        key = key or (identity, total, len(block))
        if key != (identity, total, len(block)):
            raise ValueError("frames of two transfers")
        count = -(-total // len(block))
        row = bytes(coefficients(identity, count, index))
        for pivot, (known, content) in rows.items():
            row, block = added(row, scaled(known, row[pivot])), added(block, scaled(content, row[pivot]))
        pivot = next((k for k in range(count) if row[k]), None)
        if pivot is None:
            continue
        one = quotient(1, row[pivot])
        row, block = scaled(row, one), scaled(block, one)
        for k, (known, content) in rows.items():
            rows[k] = added(known, scaled(row, known[pivot])), added(content, scaled(block, known[pivot]))
        rows[pivot] = row, block
        if len(rows) == count:
            payload = b"".join(rows[k][1] for k in range(count))
            if any(payload[total:]) or transfer_id(payload[:total]) != identity:
                raise ValueError("wrong digest")
            return payload[:total]
    raise ValueError("too few frames")


def check(path):
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    checked = 0
    for case in vectors["digits"]:
        data = bytes.fromhex(case["bytes"])
        assert to_digits(data) == case["digits"] and from_digits(case["digits"]) == data
        checked += 1
    for case in vectors["transfers"]:
        length = case["payload_length"]
        payload = hashlib.sha256(case["payload_seed"].encode()).digest() * (length // 32 + 1)
        payload = bytes(b ^ n & 255 for n, b in enumerate(payload[:length]))
        assert hashlib.sha256(payload).hexdigest() == case["payload_sha256"]
        assert transfer_id(payload).hex() == case["transfer_id"]
        assert list(layout(length, case["longest"])) == [case["blocks"], case["block_length"]]
        for one in case["frames"]:
            row = coefficients(transfer_id(payload), case["blocks"], one["index"])
            assert bytes(row[:16]).hex() == one["coefficients"]
            line = to_digits(frame(payload, case["longest"], one["index"]))
            assert hashlib.sha256(line.encode()).hexdigest() == one["line_sha256"]
            assert one.get("line", line) == line
            checked += 1
    print(checked)


def main(verb, *arguments):
    if verb == "encode":
        longest, first, count = map(int, arguments)
        payload = sys.stdin.buffer.read()
        for n in range(first, first + count):
            print(to_digits(frame(payload, longest, n % 65536)))
    elif verb == "decode":
        sys.stdout.buffer.write(decode(sys.stdin))
    elif verb == "vectors":
        check(*arguments)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
