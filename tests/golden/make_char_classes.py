# SPDX-License-Identifier: Apache-2.0
"""Writes char_classes.inc: what the reference takes every code point for (README.md
describes the file).

    python tests/golden/make_char_classes.py > tests/golden/char_classes.inc"""

import struct

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

CODE_POINTS = [cp for cp in range(0x110000) if not 0xD800 <= cp <= 0xDFFF]


def by_regex(pattern):
    """Code points that Oniguruma's pattern matches."""
    text = "".join(map(chr, CODE_POINTS))
    marked = normalizers.Replace(Regex(pattern), "\U0010FFFD").normalize_str(text)
    return [cp for cp, c in zip(CODE_POINTS, marked) if c != chr(cp)]


def between(pre_tokenizer, pieces):
    return [cp for cp in CODE_POINTS
            if len(pre_tokenizer.pre_tokenize_str(f"a{chr(cp)}a")) == pieces]


def map_of_a():
    """A precompiled map in which "a" becomes "X": a cluster that begins with it does."""
    units = [0] * 1024
    units[0] = 512 << 10
    units[512 ^ 0x61] = 256 << 10 | 1 << 8 | 0x61
    units[512 ^ 0x61 ^ 256] = 1 << 31
    trie = struct.pack("<1024I", *units)
    return normalizers.Precompiled(struct.pack("<I", len(trie)) + trie + b"X\0")


def mapped(normalizer):
    """[code point, parts …] of those that change."""
    return [[cp, *map(ord, out)] for cp in CODE_POINTS
            if (out := normalizer.normalize_str(chr(cp))) != chr(cp)]


def hash_of(rows):
    state = 0xCBF29CE484222325
    for row in rows:
        for number in row if isinstance(row, list) else [row]:
            for byte in number.to_bytes(4, "little"):
                state = (state ^ byte) * 0x100000001B3 % 2**64
    return state


def main():
    clusters = map_of_a()
    strip = normalizers.StripAccents()
    rows = {
        "letter": by_regex(r"\p{L}"),
        "number": by_regex(r"\p{N}"),
        "white_space": by_regex(r"\s"),
        "word": between(pre_tokenizers.Whitespace(), 1),
        "numeric": sorted(set(CODE_POINTS) - set(
            between(pre_tokenizers.Digits(individual_digits=True), 1))),
        "mark": [cp for cp in CODE_POINTS if strip.normalize_str("a" + chr(cp)) == "a"],
        "extends": [cp for cp in CODE_POINTS if clusters.normalize_str("a" + chr(cp)) == "X"],
        "nfd": mapped(normalizers.NFD()),
        "nfc": mapped(normalizers.NFC()),
        "nfkd": mapped(normalizers.NFKD()),
        "nfkc": mapped(normalizers.NFKC()),
    }
    print("// SPDX-License-Identifier: Apache-2.0")
    print(f"// Made by tests/golden/make_char_classes.py from tokenizers {tokenizers.__version__}.")
    for name, found in rows.items():
        print(f'{{"{name}", {len(found)}, {hash_of(found):#018x}}},')


if __name__ == "__main__":
    main()
