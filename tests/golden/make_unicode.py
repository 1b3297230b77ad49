# SPDX-License-Identifier: Apache-2.0
"""Writes unicode.inc: what the reference does to every code point alone, as
hashes over blocks (README.md describes them).

    python tests/golden/make_unicode.py > tests/golden/unicode.inc

Needs tokenizers 0.23.3."""

import unicodedata

import tokenizers
from tokenizers.normalizers import NFD, BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

BLOCK = 0x1000
NORMALIZERS = {
    "clean": BertNormalizer(True, False, False, False),
    "cjk": BertNormalizer(False, True, False, False),
    "base": BertNormalizer(False, False, True, False),
    "lower": BertNormalizer(False, False, False, True),
}
PRE_TOKENIZER = BertPreTokenizer()
NFD_FORM = NFD()
# Reordered with every combining character of another class: it has the lowest
# class (1) and the highest (240).
LOWEST, HIGHEST = "\u0334", "\u0345"


def is_swapped(first, second):
    return NFD_FORM.normalize_str(first + second) != first + second


def is_combining(char):
    return is_swapped(char, LOWEST) or is_swapped(HIGHEST, char)


def class_representatives():
    """One character of each combining class: [(class, character)], ascending."""
    found = {}
    for code_point in range(0x110000):
        char = chr(code_point)
        combining_class = unicodedata.combining(char)
        if combining_class and NFD_FORM.normalize_str(char) == char and is_combining(char):
            found.setdefault(combining_class, char)
    return sorted(found.items())


def combining_class(char, representatives):
    char = NFD_FORM.normalize_str(char)[0]
    if not is_combining(char):
        return ""
    for value, other in representatives:
        if not is_swapped(char, other) and not is_swapped(other, char):
            return str(value)
    raise ValueError(f"U+{ord(char):04X} has a combining class of its own")


def hex_of(text):
    return " ".join(f"{ord(char):x}" for char in text)


def properties(code_point, representatives):
    """{property: value} of what is not the default."""
    char = chr(code_point)
    result = {}
    clean = NORMALIZERS["clean"].normalize_str(char)
    if clean != char:
        result["clean"] = "space" if clean == " " else "removed"
        assert clean in ("", " ")
    if NORMALIZERS["cjk"].normalize_str(char) != char:
        result["cjk"] = "cjk"
    for name in ("base", "lower"):
        changed = NORMALIZERS[name].normalize_str(char)
        if changed != char:
            result[name] = hex_of(changed)
    pieces = len(PRE_TOKENIZER.pre_tokenize_str(f"a{char}b"))
    if pieces > 1:
        result["split"] = {2: "space", 3: "punctuation"}[pieces]
    order = combining_class(char, representatives)
    if order:
        result["order"] = order
    return result


def fnv1a(state, text):
    for byte in text.encode("ascii"):
        state = (state ^ byte) * 0x100000001B3 % 2**64
    return state


def main():
    representatives = class_representatives()
    hashes = {}
    for code_point in range(0x110000):
        if 0xD800 <= code_point <= 0xDFFF:
            continue
        for name, value in properties(code_point, representatives).items():
            key = (name, code_point // BLOCK * BLOCK)
            state = hashes.get(key, 0xCBF29CE484222325)
            hashes[key] = fnv1a(state, f"{code_point:x}={value}\n")
    print("// SPDX-License-Identifier: Apache-2.0")
    print(f"// Made by tests/golden/make_unicode.py from tokenizers {tokenizers.__version__}.")
    for (name, block), state in sorted(hashes.items()):
        print(f'{{"{name}", {block:#x}, {state:#018x}}},')


if __name__ == "__main__":
    main()
