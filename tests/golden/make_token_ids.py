# SPDX-License-Identifier: Apache-2.0
"""Writes token_ids.jsonl: what the reference makes of many strings (README.md
describes the file).

    python tests/golden/make_token_ids.py CHECKPOINT > tests/golden/token_ids.jsonl

CHECKPOINT is all-MiniLM-L6-v2, laid out as on the Hugging Face Hub. Needs
transformers 5.23.0 with tokenizers 0.23.3."""

import hashlib
import json
import pathlib
import sys

import tokenizers
import transformers

from nasty_strings import expand, fixed_strings, long_recipes, random_strings

SEED = 20261124
RANDOM_COUNT = 9600
MAX_TOKENS = 256  # sentence_bert_config.json's, not tokenizer.json's
# Offsets are given for one string in so many: they are most of the file.
OFFSETS_EVERY = 2


def load_reference(checkpoint):
    tokenizer = transformers.AutoTokenizer.from_pretrained(checkpoint)
    assert tokenizer.is_fast
    return tokenizer


def char_to_byte(text):
    """Byte offset of each character, and of the end."""
    offsets = [0]
    for char in text:
        offsets.append(offsets[-1] + len(char.encode("utf-8")))
    return offsets


def encode(tokenizer, text):
    """Token ids, and byte offsets as a flat list."""
    encoded = tokenizer(text, truncation=True, max_length=MAX_TOKENS, padding=False,
                        return_offsets_mapping=True)
    to_byte = char_to_byte(text)
    offsets = [to_byte[i] for pair in encoded["offset_mapping"] for i in pair]
    return encoded["input_ids"], offsets


def header(checkpoint, count):
    vocab = pathlib.Path(checkpoint, "vocab.txt").read_bytes()
    return {
        "reference": f"transformers {transformers.__version__}, "
                     f"tokenizers {tokenizers.__version__}",
        "model": "sentence-transformers/all-MiniLM-L6-v2",
        "vocab_sha256": hashlib.sha256(vocab).hexdigest(),
        "max_tokens": MAX_TOKENS,
        "seed": SEED,
        "strings": count,
    }


def write_line(value):
    print(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def main(checkpoint):
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    tokenizer = load_reference(checkpoint)
    texts = fixed_strings() + random_strings(SEED, RANDOM_COUNT)
    recipes = long_recipes()
    write_line(header(checkpoint, len(texts) + len(recipes)))
    for index, text in enumerate(texts):
        ids, offsets = encode(tokenizer, text)
        write_line([text, ids, offsets] if index % OFFSETS_EVERY == 0 else [text, ids])
    for recipe in recipes:
        write_line([recipe, *encode(tokenizer, expand(recipe))])


if __name__ == "__main__":
    main(*sys.argv[1:])
