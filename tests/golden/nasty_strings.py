# SPDX-License-Identifier: Apache-2.0
"""Strings that try a tokenizer, made from a seed: every script, every class of
character, every order of combining marks, special tokens and lengths at limits.
The same seed gives the same strings (Python's random.Random is stable)."""

import random

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SPACES = ("\t\n\r\x0b\x0c\x1c\x1f \x85\xa0\u1680\u180e\u2000\u2001\u2005\u200a\u200b"
          "\u2028\u2029\u202f\u205f\u2060\u3000\ufeff")
CONTROLS = ("\x00\x01\x07\x08\x0e\x1b\x7f\x80\x9f\xad\u0600\u061c\u06dd\u070f\u08e2\u200b"
            "\u200c\u200d\u200e\u202a\u2066\u206f\ufeff\ufff9\ufffc\ufffd\U000110bd"
            "\U00013430\U0001d173\U000e0001\U000e007f")
# Nonstarters of many combining classes; Mc ones (302E, 1D165, 1B44 …) stay.
MARKS = ("\u0300\u0301\u0307\u0308\u0315\u031b\u0323\u0327\u0328\u0334\u0338\u0340\u0343\u0344"
         "\u0345\u0360\u05b0\u05bc\u05c4\u064b\u0651\u0670\u0711\u093c\u094d\u0c55\u0e38\u0e48"
         "\u0f71\u0f73\u0f75\u0f81\u1734\u1885\u1ab0\u1b44\u1baa\u1dce\u1dfa\u20d0\u20dd\u302a"
         "\u302e\u302f\u3099\ua953\ua9bd\ua9c0\ufb1e\ufe20\U000110b9\U000111c0\U00011235"
         "\U0001d165\U0001d166\U0001d16d\U0001d16e\U0001d172\U0001e000\U0001e94a")
DECOMPOSING = ("\u00c5\u00e9\u00f1\u0130\u0149\u01c4\u01d6\u0226\u0344\u0374\u037e\u0385\u0387"
               "\u0390\u03d3\u0439\u0451\u0623\u0958\u09cb\u09dc\u0a33\u0b4b\u0b94\u0ccb\u0ddd"
               "\u0f43\u0f73\u1026\u1b06\u1b43\u1e9b\u1ea4\u1f82\u1fee\u1fef\u1ffd\u2000\u2126"
               "\u212a\u212b\u2224\u2329\u232a\u2adc\u304c\u30f4\uac00\ud7a3\uf900\ufa6c\ufb1d"
               "\ufb2c\U0001109a\U0001134b\U000114bb\U000114bc\U00011938\U0001d15e\U0001d160"
               "\U0001d1bf\U0002f800\U0002fa1d")
CASES = ("\u0130\u0131iI\u00df\u1e9e\u03a3\u03c3\u03c2\u01c5\u01f2\u2160\u24b6\u10a0\u1c90"
         "\u13a0\uab70\u1c89\ua7ae\ua7cb\ua7dc\uff21\uff3a\U00010400\U000104b0\U00010570"
         "\U00010c80\U00010d50\U000118a0\U00016e40\U00016ea0\U0001e900\ufb00\ufb01\ufb06")
CJK_EDGES = ("\u33ff\u3400\u4dbf\u4dc0\u4dff\u4e00\u9fff\ua000\uf8ff\uf900\ufaff\ufb00"
             "\U0001ffff\U00020000\U0002a6df\U0002a6e0\U0002a700\U0002b739\U0002b81f\U0002b820"
             "\U0002b91f\U0002b920\U0002ceaf\U0002ceb0\U0002f7ff\U0002f800\U0002fa1f\U0002fa20"
             "\U00030000")
PUNCTUATION = ("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\u00a1\u00a7\u00ab\u00b6\u00b7\u037e\u055a"
               "\u05be\u060c\u061d\u066a\u166d\u2010\u2018\u201c\u2026\u2030\u203f\u2e17\u2e43"
               "\u2e5d\u3001\u3008\u3030\ufe10\ufe50\uff01\uff5f\uff65\U00010100\U000111c9"
               "\U00011a3f\U0001e95e\u00ac\u00b1\u2190\u2200\u20ac\u00a9")
EMOJI = ("\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
         "\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f1eb\U0001f1f7", "\u2764\ufe0f",
         "\U0001f44d\U0001f3fd", "1\ufe0f\u20e3", "\U0001fae8", "\u263a",
         "\U0001f3f4\U000e0067\U000e0062\U000e007f")
# First and last code point of blocks and of odd corners.
RANGES = [(0x00, 0x7f), (0x80, 0xff), (0x100, 0x24f), (0x250, 0x2ff), (0x300, 0x36f),
          (0x370, 0x3ff), (0x400, 0x52f), (0x530, 0x58f), (0x590, 0x5ff), (0x600, 0x6ff),
          (0x700, 0x8ff), (0x900, 0x97f), (0x980, 0xdff), (0xe00, 0xe7f), (0xe80, 0xfff),
          (0x1000, 0x109f), (0x10a0, 0x10ff), (0x1100, 0x11ff), (0x1200, 0x17ff),
          (0x1800, 0x1cff), (0x1d00, 0x1dff), (0x1e00, 0x1fff), (0x2000, 0x206f),
          (0x2070, 0x2bff), (0x2c00, 0x2fff), (0x3000, 0x30ff), (0x3100, 0x33ff),
          (0x3400, 0x4dff), (0x4e00, 0x9fff), (0xa000, 0xabff), (0xac00, 0xd7ff),
          (0xe000, 0xf8ff), (0xf900, 0xfaff), (0xfb00, 0xfdff), (0xfe00, 0xffff),
          (0x10000, 0x11fff), (0x12000, 0x16fff), (0x17000, 0x1cfff), (0x1d000, 0x1dfff),
          (0x1e000, 0x1efff), (0x1f000, 0x1ffff), (0x20000, 0x2ffff), (0x30000, 0x3ffff),
          (0xe0000, 0xe01ff), (0xf0000, 0x10ffff)]
WORDS = ("the The EMBEDDING unaffable tokenization internationalization naïve café Ångström "
         "İstanbul ILIK ıssız ΣΊΣΥΦΟΣ ὈΔΥΣΣΕΎΣ Straße STRASSE ﬁnance oﬃce ｆｕｌｌ ＷＩＤＴＨ ｶﾀｶﾅ "
         "привет МИР ёлка українська 你好 世界 機械学習 こんにちは カタカナ ガギグ 한국어 안녕하세요 "
         "مرحبا بِسْمِ العربية שלום שָׁלוֹם नमस्ते हिन्दी ภาษาไทย น้ำ ไม่ বাংলা தமிழ் తెలుగు ಕನ್ನಡ "
         "മലയാളം සිංහල မြန်မာ ខ្មែរ བོད་ ქართული ᲥᲐᲠᲗᲣᲚᲘ հայերեն አማርኛ ᏣᎳᎩ Việt Nguyễn "
         "https://example.com/a?b=c&d=%20#frag user@mail.org C:\\Users\\x 3.14159 1,000,000 "
         "-1e-10 0xDEADBEEF ½ ² ٣٤ Ⅷ ① 12:30 2024-01-31 $5 €10 50% it's don't state-of-the-art "
         "f(x)=x**2; if(a<=b&&c!=d){return;} <div> a_b_c snake_case camelCase __init__ #tag "
         "@user e.g. U.S.A. … — «guillemets» „quotes“ 『括弧』 。 ！ ？ ₿ ™ © H₂O x² a\u0301 e\u0301\u0323 "
         "e\u0323\u0301 [unused1] ##ing ## [ ] [CLS [cls] [Mask]").split()


def _pick(rng, alphabet):
    return alphabet[rng.randrange(len(alphabet))]


def _scalar(rng, first, last):
    while True:
        code_point = rng.randint(first, last)
        if not 0xD800 <= code_point <= 0xDFFF:
            return chr(code_point)


def _block(rng):
    return _scalar(rng, *_pick(rng, RANGES))


def _any_char(rng):
    kind = rng.randrange(12)
    sources = [SPACES, CONTROLS, MARKS, DECOMPOSING, CASES, CJK_EDGES, PUNCTUATION, EMOJI]
    if kind < len(sources):
        return _pick(rng, sources[kind])
    if kind == 8:
        return _scalar(rng, 0, 0x10FFFF)
    return _block(rng) if kind == 9 else _pick(rng, "abcABC xyz019")


def _soup(rng):
    return "".join(_any_char(rng) for _ in range(rng.randint(1, 24)))


def _one_script(rng):
    first, last = _pick(rng, RANGES)
    length = rng.randint(1, 20)
    return "".join(" " if rng.random() < 0.12 else _scalar(rng, first, last)
                   for _ in range(length))


def _words(rng):
    glue = ["", " ", " ", " ", ", ", "-", "\u00a0", "\n", "\u200d"]
    return "".join(_pick(rng, WORDS) + _pick(rng, glue) for _ in range(rng.randint(1, 9)))


def _marks(rng):
    parts = []
    for _ in range(rng.randint(1, 5)):
        parts.append(_pick(rng, "aeoAZ \u4e00\u05d0\u0e01" + DECOMPOSING))
        for _ in range(rng.randint(0, 7)):
            parts.append(_pick(rng, CONTROLS) if rng.random() < 0.1 else _pick(rng, MARKS))
    return "".join(parts)


def _specials(rng):
    parts = []
    for _ in range(rng.randint(1, 6)):
        parts.append(_pick(rng, SPECIAL) if rng.random() < 0.6 else
                     _pick(rng, ["[", "]", "[CLS", "SEP]", "[[SEP]]", "[sep]", "[ＭＡＳＫ]",
                                 "[MASK]\u0301", "[UN\u200bK]", "x", " ", "e\u0301", "\u302e"]))
    return "".join(parts)


def _mixed(rng):
    return "".join(_pick(rng, [_words, _soup, _marks, _specials])(rng) for _ in range(2))


KINDS = [_soup, _soup, _one_script, _one_script, _words, _words, _words, _marks, _specials,
         _mixed]


def random_strings(seed, count):
    rng = random.Random(seed)
    return [_pick(rng, KINDS)(rng) for _ in range(count)]


def fixed_strings():
    """Cases that no chance should decide."""
    strings = ["", " ", "\n", "\x00", "\ufffd", "a\ufffdb", "\u0301", "\u302e", "a\u302e\u0301"]
    strings += WORDS + SPECIAL + list(EMOJI)
    for alphabet in (SPACES, CONTROLS, MARKS, DECOMPOSING, CASES, CJK_EDGES, PUNCTUATION):
        strings += [f"a{c}b {c}" for c in alphabet]
    for special in SPECIAL:
        strings += [f"{special}x", f"x{special}", f"x{special}y", f" {special} ",
                    special * 3, special.lower(), special[:-1], special[1:]]
    return strings


def long_recipes():
    """Long texts as lists of [part, times]."""
    recipes = [[[letter, n]] for n in (99, 100, 101, 256, 257, 2000) for letter in "xé한中\u0345"]
    recipes += [[["e\u0301", n]] for n in (99, 100, 101)]  # counted without the marks
    recipes += [[["가", n]] for n in (33, 34, 49, 50, 51)]  # counted in jamo
    recipes += [[["a ", n]] for n in (253, 254, 255, 256, 10000)]
    recipes += [[["word, ", 4000]], [["x", 30000], [" end", 1]], [["[MASK]", 300]],
                [["a", 1], ["\u0301\u302e\u0323", 60]], [["a", 1], ["\u302e\u0301\u1b44", 30]],
                [["The quick brown fox jumps over the lazy dog. ", 500]],
                [["中文字符", 5000], ["é", 3]], [["\u200d", 25000], ["ok", 1]],
                [["!", 20001]], [["\U0001f468\u200d\U0001f469 ", 3000]], [[" ", 22000]]]
    return recipes


def expand(recipe):
    return "".join(part * times for part, times in recipe)
