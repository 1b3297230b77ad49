// SPDX-License-Identifier: Apache-2.0
// Makes src/text/unicode_tables.inc: the character properties that the BERT
// tokenizer needs, as the reference implementation sees them.
//
//   node tools/unicode/make-tables.mjs UCD_FOLDER > src/text/unicode_tables.inc
//
// UCD_FOLDER is the Unicode Character Database 15.1.0 (UCD.zip, unpacked). The
// reference (Hugging Face tokenizers 0.23.3) takes its properties from Rust
// libraries of different ages, so each table is the view of a version of its
// own; tests/golden/unicode.txt holds what the reference really does, and
// tests/cpp/unicode_test.cc compares every code point with it.

import { UCD_VERSION, check, readFields } from "./ucd.mjs";

const CATEGORY_VERSION = 8.0; // crate unicode_categories
const NORMALIZATION_VERSION = 9.0; // crate unicode-normalization-alignments

// Characters whose general category changed after CATEGORY_VERSION.
const CATEGORY_THEN = new Map([
  [0x166d, "Po"], // CANADIAN SYLLABICS CHI SIGN: So since 12.0
  [0x1734, "Mn"], // HANUNOO SIGN PAMUDPOD: Mc since 14.0
  [0x1885, "Lo"], // MONGOLIAN LETTER ALI GALI BALUDA: Mn since 9.0
  [0x1886, "Lo"], // MONGOLIAN LETTER ALI GALI THREE BALUDA: Mn since 9.0
  [0xa9bd, "Mc"], // JAVANESE CONSONANT SIGN KERET: Mn since 11.0
  [0x111c9, "Po"], // SHARADA SANDHI MARK: Mn since 11.0
]);

// Lower case is that of Rust's standard library, which is at Unicode 17.0: what
// 16.0 and 17.0 added to 15.1. [first, last, lower case of first, stride].
const LOWER_CASE_SINCE = [
  [0x1c89, 0x1c89, 0x1c8a, 1],
  [0xa7cb, 0xa7cb, 0x0264, 1],
  [0xa7cc, 0xa7ce, 0xa7cd, 2],
  [0xa7d2, 0xa7d4, 0xa7d3, 2],
  [0xa7da, 0xa7da, 0xa7db, 1],
  [0xa7dc, 0xa7dc, 0x019b, 1],
  [0x10d50, 0x10d65, 0x10d70, 1],
  [0x16ea0, 0x16eb8, 0x16ebb, 1],
];

// Blocks whose decompositions are one to one and dense.
const COMPATIBILITY_IDEOGRAPHS = [[0xf900, 0xfad9], [0x2f800, 0x2fa1d]];

const hex = (value) => `0x${value.toString(16)}`;
const isHangulSyllable = (cp) => cp >= 0xac00 && cp <= 0xd7a3;
const isPrivateUse = (cp) => (cp >= 0xe000 && cp <= 0xf8ff) || cp >= 0xf0000;

// code point -> value, from a file of "XXXX[..YYYY] ; value" lines.
function readProperty(name, keep = () => true) {
  const result = new Map();
  for (const [range, value] of readFields(name)) {
    if (!keep(value)) continue;
    const [first, last = first] = range.split("..").map((s) => parseInt(s, 16));
    for (let cp = first; cp <= last; cp++) result.set(cp, value);
  }
  return result;
}

function readCharacters() {
  const characters = new Map();
  let first = 0;
  for (const fields of readFields("UnicodeData.txt")) {
    const cp = parseInt(fields[0], 16);
    if (fields[1].endsWith(", First>")) {
      first = cp;
      continue;
    }
    const character = {
      category: fields[2],
      combiningClass: Number(fields[3]),
      // "<tag> …" is a compatibility decomposition, which NFD does not use.
      decomposition: /^[0-9A-F]/.test(fields[5])
        ? fields[5].split(" ").map((s) => parseInt(s, 16)) : undefined,
      lower: fields[13] === "" ? undefined : parseInt(fields[13], 16),
    };
    const start = fields[1].endsWith(", Last>") ? first : cp;
    for (let each = start; each <= cp; each++) characters.set(each, character);
  }
  return characters;
}

const characters = readCharacters();
const age = readProperty("DerivedAge.txt");
const whiteSpace = readProperty("PropList.txt", (value) => value === "White_Space");

// Unassigned characters are ordinary ones to the reference: it removes other
// controls, formats and private use, but not those that it does not know.
function category(cp) {
  if (CATEGORY_THEN.has(cp)) return CATEGORY_THEN.get(cp);
  if (!(Number(age.get(cp)) <= CATEGORY_VERSION)) return "Cn";
  return characters.get(cp)?.category ?? "Cn";
}

function isNormalizationKnown(cp) {
  return Number(age.get(cp)) <= NORMALIZATION_VERSION;
}

// Hangul syllables are decomposed by arithmetic in unicode.cc.
function decompose(cp) {
  const parts = isNormalizationKnown(cp) ? characters.get(cp)?.decomposition : undefined;
  return parts === undefined ? [cp] : parts.flatMap(decompose);
}

// Of a mark that decomposes, the class of its first part is what counts.
function combiningClass(cp) {
  const [first] = decompose(cp);
  return isNormalizationKnown(first) ? characters.get(first)?.combiningClass ?? 0 : 0;
}

function isAsciiPunctuation(cp) {
  return cp < 0x80 && /[!-/:-@[-`{-~]/.test(String.fromCharCode(cp));
}

const isMark = (cp) => category(cp) === "Mn";
const stripMarks = (cp) => decompose(cp).filter((part) => !isMark(part));

// The names are those of enum class CharKind in unicode.h.
function kind(cp) {
  // U+FFFD and U+0000 are removed by name in the reference.
  const isRemoved = ["Cc", "Cf", "Co"].includes(category(cp)) || cp === 0xfffd;
  const isControlSpace = cp === 0x09 || cp === 0x0a || cp === 0x0d;
  if (whiteSpace.has(cp)) return isRemoved && !isControlSpace ? "kControlSpace" : "kSpace";
  if (isRemoved) return "kControl";
  if (isAsciiPunctuation(cp) || category(cp).startsWith("P")) return "kPunctuation";
  // A decomposing mark (U+0344) vanishes in its parts.
  return stripMarks(cp).length === 0 ? "kMark" : "kLetter";
}

const MAX_CLASS_RANGE = 16;

// Every code point's (kind, combining class), as ranges; those of an ordinary
// letter are left out, and private use, which is fixed for ever, is in the code.
function makeClassRanges() {
  const classes = new Map();
  const ranges = [];
  for (let cp = 0; cp < 0x110000; cp++) {
    const key = `{CharKind::${kind(cp)}, ${combiningClass(cp)}}`;
    if (key === "{CharKind::kLetter, 0}" || isPrivateUse(cp)) continue;
    if (!classes.has(key)) classes.set(key, classes.size);
    const id = classes.get(key);
    const last = ranges.at(-1);
    if (last !== undefined && last.id === id && last.first + last.count === cp &&
        last.count < MAX_CLASS_RANGE) {
      last.count++;
    } else {
      ranges.push({ first: cp, count: 1, id });
    }
  }
  check(classes.size <= 128, "too many classes for 7 bits");
  return { classes: [...classes.keys()], ranges };
}

function lowerCase(cp) {
  for (const [first, last, lower, stride] of LOWER_CASE_SINCE) {
    if (cp >= first && cp <= last && (cp - first) % stride === 0) return lower + cp - first;
  }
  return characters.get(cp)?.lower ?? cp;
}

// Runs of characters, 1 or 2 apart, whose lower case is the same distance away.
function makeLowerRuns() {
  const runs = [];
  for (let cp = 0; cp < 0x110000; cp++) {
    const delta = lowerCase(cp) - cp;
    if (delta === 0) continue;
    const run = runs.at(-1);
    const step = run === undefined ? 0 : cp - run.last;
    const isNext = run !== undefined && run.delta === delta && step <= 2 &&
      (run.count === 1 || run.stride === step);
    if (!isNext) {
      runs.push({ first: cp, last: cp, count: 1, stride: 1, delta });
      continue;
    }
    Object.assign(run, { last: cp, count: run.count + 1, stride: step });
  }
  check(runs.every((run) => run.count <= 1024), "a run too long for 10 bits");
  return runs;
}

// U+0130 is the only character whose lower case is two; it is in unicode.cc.
function checkSpecialCasing() {
  for (const [cp, lower, , , condition] of readFields("SpecialCasing.txt")) {
    check(condition !== "" || cp === "0130" || !lower.includes(" "),
      `U+${cp} has an unexpected lower case`);
  }
}

// What is left of each decomposition without its marks: one BMP character of
// another (pairs), a block's ideographs (dense), and all others (sequences).
function makeDecompositions() {
  const pairs = [];
  const sequences = [];
  const dense = COMPATIBILITY_IDEOGRAPHS.map(([first, last]) =>
    new Array(last - first + 1).fill(0));
  for (let cp = 0; cp < 0x110000; cp++) {
    const parts = decompose(cp);
    const kept = stripMarks(cp);
    if ((parts.length === 1 && parts[0] === cp) || kept.length === 0) continue;
    const block = COMPATIBILITY_IDEOGRAPHS.findIndex(([a, b]) => cp >= a && cp <= b);
    if (block >= 0) {
      check(kept.length === 1, "a compatibility ideograph is one ideograph");
      dense[block][cp - COMPATIBILITY_IDEOGRAPHS[block][0]] = kept[0];
    } else if (kept.length === 1 && cp < 0x10000 && kept[0] < 0x10000) {
      pairs.push([cp, kept[0]]);
    } else {
      check(kept.length <= 3, "a decomposition longer than unicode.h says");
      sequences.push([cp, kept]);
    }
  }
  return { pairs, sequences, dense };
}

let totalBytes = 0;

function printArray(type, elementBytes, name, comment, values) {
  totalBytes += elementBytes * values.length;
  console.log(`\n// ${comment}\nconstexpr ${type} ${name}[${values.length}] = {`);
  let line = "   ";
  for (const value of values) {
    if (line.length + value.length + 2 > 100) {
      console.log(line);
      line = "   ";
    }
    line += ` ${value},`;
  }
  console.log(`${line}\n};`);
}

// Bit i of the result is set if ideographs[i] lies in plane 2.
function planeTwoBits(ideographs) {
  const bytes = new Array(Math.ceil(ideographs.length / 8)).fill(0);
  ideographs.forEach((cp, i) => {
    if (cp >= 0x20000) bytes[i >> 3] |= 1 << (i & 7);
  });
  return bytes;
}

function printDecompositions() {
  const { pairs, sequences, dense } = makeDecompositions();
  printArray("uint16_t", 2, "kPairFrom", "A character of the BMP that decomposes to one …",
    pairs.map(([from]) => hex(from)));
  printArray("uint16_t", 2, "kPairTo", "… and that one.", pairs.map(([, to]) => hex(to)));
  const parts = sequences.flatMap(([, kept]) => kept);
  let begin = 0;
  const heads = sequences.map(([from, kept]) => {
    const head = (from << 11 | begin << 2 | kept.length) >>> 0;
    begin += kept.length;
    return hex(head);
  });
  check(begin <= 512, "too many parts for 9 bits");
  printArray("uint32_t", 4, "kSequences",
    "Other decompositions: code point << 11 | index of the first part << 2 | parts.", heads);
  printArray("uint32_t", 4, "kSequenceParts", "The parts of kSequences.", parts.map(hex));
  COMPATIBILITY_IDEOGRAPHS.forEach(([first, last], i) => {
    const name = `kIdeographs${first.toString(16).toUpperCase()}`;
    const block = `U+${first.toString(16).toUpperCase()}…${last.toString(16).toUpperCase()}`;
    printArray("uint16_t", 2, name,
      `The ideographs, mod 0x10000, that ${block} decompose to; 0: none.`,
      dense[i].map((cp) => hex(cp & 0xffff)));
    printArray("uint8_t", 1, `${name}Plane2`, "Bit i is set if the i-th of these is in plane 2.",
      planeTwoBits(dense[i]).map(hex));
  });
}

function main() {
  checkSpecialCasing();
  console.log(`// SPDX-License-Identifier: Apache-2.0
// Made by tools/unicode/make-tables.mjs from Unicode ${UCD_VERSION}. Do not edit.
// Categories as of ${CATEGORY_VERSION.toFixed(1)}, normalisation as of ${NORMALIZATION_VERSION.toFixed(1)}, lower case as of 17.0.`);
  const { classes, ranges } = makeClassRanges();
  printArray("CharClass", 2, "kClasses", "The classes that kClassRanges names.", classes);
  printArray("uint32_t", 4, "kClassRanges",
    "First code point << 11 | (count - 1) << 7 | index into kClasses.",
    ranges.map((range) => hex((range.first << 11 | (range.count - 1) << 7 | range.id) >>> 0)));
  const runs = makeLowerRuns();
  printArray("uint32_t", 4, "kLowerRuns",
    "First code point << 11 | (count - 1) << 1 | (stride - 1) …",
    runs.map((run) => hex((run.first << 11 | (run.count - 1) << 1 | run.stride - 1) >>> 0)));
  printArray("int32_t", 4, "kLowerDeltas", "… and what leads to the lower case.",
    runs.map((run) => String(run.delta)));
  printDecompositions();
  console.log(`\nconstexpr size_t kUnicodeTableBytes = ${totalBytes};`);
  console.error(`${totalBytes} bytes of tables`);
}

main();
