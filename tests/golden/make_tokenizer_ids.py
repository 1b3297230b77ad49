# SPDX-License-Identifier: Apache-2.0
"""Writes what the reference makes of many strings with a tokenizer.json, as a short
hash for each string (README.md describes the files).

    python tests/golden/make_tokenizer_ids.py texts > tests/golden/tokenizer_texts.jsonl
    python tests/golden/make_tokenizer_ids.py TOKENIZER_JSON > tests/golden/tokenizer_ids/NAME.txt

The reference is tokenizers 0.23.3 with that file, less its truncation and padding."""

import hashlib
import json
import pathlib
import sys

import nasty_strings
from nasty_strings import EMOJI, WORDS, expand, fixed_strings, long_recipes, random_strings

SEED = 20261125
RANDOM_COUNT = 3450
HERE = pathlib.Path(__file__).parent
SPECIAL = ["<s>", "</s>", "<unk>", "<pad>", "<mask>", "<extra_id_0>", "<extra_id_99>",
           "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<file_sep>", "[CLS]", "[SEP]",
           "[MASK]", "[UNK]", "[PAD]"]
# Not among the words: what byte-level and sentencepiece tokenizers have rules for.
EXTRA = ["it's I'M we'LL they'Ve o'reilly 'S 'ſ 'd'd ''s", "1234567890 12 345 1,234.56 ١٢٣٤ ⅷ²½ 𝟘𝟙",
         "a  b   c    d\t\te\n\nf \r\n g\n \n", "  leading", "trailing  ", "   ", "\n", " \n ", "\t x",
         "def f(x):\n    return x*2  # ok\n\n\n", "▁ ▁▁ a▁b ▁", "Ġ Ċ ĠĠ", "<0x0A> <0x41>",
         "ﬁ ﬃ Å ｶﾞ ㌔ ﷺ ① ½ ™ ＡＢＣ　全角", "a\u0301\u0302 \u00a0\u0301 \u0958\u0301 क्क़\u0301",
         "\u1100\u1161\u11a8\u0301 \uac00\u0301 \u0600a \u00a9\u200d\u00a9 \r\n\u0301",
         "\u0344 \u0f73\u0f71 e\u0323\u0307 \u1e69 s\u0307\u0323 \u2126 \u212b \U0001d15e \u0915\u093c"]


def texts():
    """Strings, or recipes [[part, times], …]."""
    nasty_strings.SPECIAL = SPECIAL
    recipes = [[["a", 3000]], [["ab ", 900]], [["x", 999], ["<s>", 1], ["é", 300]], [["\n", 700]],
               [["1", 1000]], [["中", 700]], [["👍🏽", 300]], [["\u0301", 500]], [["  \t", 300]]]
    natural = HERE.joinpath("texts.txt").read_text("utf-8").splitlines()
    return (EXTRA + list(EMOJI) + list(WORDS) + natural + random_strings(SEED, RANDOM_COUNT)
            + fixed_strings()[len(WORDS):] + long_recipes()[:20] + recipes)


def hash_of(text, encoding):
    """FNV-1a over id, begin and end of each token, as little-endian 32-bit numbers;
    24 of its bits."""
    to_byte = [0]
    for char in text:
        to_byte.append(to_byte[-1] + len(char.encode("utf-8")))
    state = 0xCBF29CE484222325
    for token, (begin, end) in zip(encoding.ids, encoding.offsets):
        for number in (token, to_byte[begin], to_byte[end]):
            for byte in number.to_bytes(4, "little"):
                state = (state ^ byte) * 0x100000001B3 % 2**64
    return f"{(state ^ state >> 24 ^ state >> 48) & 0xFFFFFF:06x}"


def load(path):
    from tokenizers import Tokenizer
    raw = json.loads(pathlib.Path(path).read_text("utf-8"))
    raw["truncation"] = raw["padding"] = None
    return Tokenizer.from_str(json.dumps(raw))


def main(source):
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    if source == "texts":
        for text in texts():
            print(json.dumps(text, ensure_ascii=False, separators=(",", ":")))
        return
    lines = HERE.joinpath("tokenizer_texts.jsonl").read_text("utf-8").split("\n")[:-1]
    strings = [json.loads(line) for line in lines]
    strings = [text if isinstance(text, str) else expand(text) for text in strings]
    tokenizer = load(source)
    print(hashlib.sha256(pathlib.Path(source).read_bytes()).hexdigest())
    hashes = [hash_of(t, e) for t, e in zip(strings, tokenizer.encode_batch(strings))]
    for i in range(0, len(hashes), 12):
        print("".join(hashes[i:i + 12]))


if __name__ == "__main__":
    main(*sys.argv[1:])
