# SPDX-License-Identifier: Apache-2.0
"""Writes what the sentencepiece library makes of the strings of tokenizer_texts.jsonl
with a model file, as a short hash of the ids of each (README.md describes the files).

    python tests/golden/make_sentencepiece_ids.py MODEL > tests/golden/sentencepiece_ids/NAME.txt

The reference is sentencepiece 0.2.1 for Python."""

import hashlib
import json
import pathlib
import sys

import sentencepiece
from nasty_strings import expand

HERE = pathlib.Path(__file__).parent


def hash_of(ids):
    """FNV-1a over the ids as little-endian 32-bit numbers; 24 of its bits."""
    state = 0xCBF29CE484222325
    for token in ids:
        for byte in token.to_bytes(4, "little"):
            state = (state ^ byte) * 0x100000001B3 % 2**64
    return f"{(state ^ state >> 24 ^ state >> 48) & 0xFFFFFF:06x}"


def main(source):
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    lines = HERE.joinpath("tokenizer_texts.jsonl").read_text("utf-8").split("\n")[:-1]
    strings = [json.loads(line) for line in lines]
    strings = [text if isinstance(text, str) else expand(text) for text in strings]
    model = sentencepiece.SentencePieceProcessor(model_file=source)
    print(hashlib.sha256(pathlib.Path(source).read_bytes()).hexdigest())
    hashes = [hash_of(model.encode(text)) for text in strings]
    for i in range(0, len(hashes), 12):
        print("".join(hashes[i:i + 12]))


if __name__ == "__main__":
    main(*sys.argv[1:])
