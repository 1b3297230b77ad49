// SPDX-License-Identifier: Apache-2.0
// Makes src/text/char_tables.inc: what the tokenizers of tokenizer.json's kind have
// to know of characters, as the reference implementation sees them.
//
//   node tools/unicode/make-char-tables.mjs UCD_FOLDER > src/text/char_tables.inc
//
// UCD_FOLDER is the Unicode Character Database 15.1.0 (UCD.zip, unpacked); what
// later versions, which the reference has in places, say otherwise is in
// changes.mjs. tests/cpp/char_class_test.cc holds every code point against the
// reference.

import { SINCE } from "./changes.mjs";
import { UCD_VERSION, check, readFields } from "./ucd.mjs";

const NORMALIZATION_VERSION = 9.0; // crate unicode-normalization-alignments

function forEachOf(range, use) {
  const [first, last = first] = range.split(/\.\.|-/).map((s) => parseInt(s, 16));
  for (let cp = first; cp <= last; cp++) use(cp);
}

// The set of code points whose fields the test accepts.
function readSet(name, test) {
  const set = new Set();
  for (const [range, ...values] of readFields(name)) {
    if (test(...values)) forEachOf(range, (cp) => set.add(cp));
  }
  return set;
}

// The set as a later version has it.
function since(name, set) {
  const result = new Set(set);
  const { added = "", removed = "" } = SINCE[name] ?? {};
  for (const range of added.split(/\s+/).filter(Boolean)) forEachOf(range, (cp) => result.add(cp));
  for (const range of removed.split(/\s+/).filter(Boolean)) {
    forEachOf(range, (cp) => result.delete(cp));
  }
  return result;
}

const parseParts = (text) => text.split(" ").map((s) => parseInt(s, 16));

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
      decomposition: /^[0-9A-F]/.test(fields[5]) ? parseParts(fields[5]) : undefined,
      compatibility: fields[5].startsWith("<")
        ? parseParts(fields[5].replace(/^<[^>]*> /, "")) : undefined,
    };
    const start = fields[1].endsWith(", Last>") ? first : cp;
    for (let each = start; each <= cp; each++) characters.set(each, character);
  }
  return characters;
}

const characters = readCharacters();
const age = new Map();
for (const [range, version] of readFields("DerivedAge.txt")) {
  forEachOf(range, (cp) => age.set(cp, Number(version)));
}
const isOldEnough = (cp) => age.get(cp) <= NORMALIZATION_VERSION;

function withCategory(pattern) {
  return new Set([...characters].filter(([, c]) => pattern.test(c.category)).map(([cp]) => cp));
}

// Values are bits of the class in the table; char_class.cc has the same.
function charClasses() {
  const letters = since("letter", withCategory(/^L/));
  const numbers = since("number", withCategory(/^N/));
  const numeric = since("numeric", numbers);
  const words = since("word", new Set([
    ...readSet("DerivedCoreProperties.txt", (name) => name === "Alphabetic"),
    ...withCategory(/^(M.|Nd|Pc)$/), 0x200c, 0x200d, ...letters]));
  const marks = since("mark", new Set([...withCategory(/^M/)].filter(isOldEnough)));
  return (cp) => (letters.has(cp) ? 1 : 0) | (numbers.has(cp) ? 2 : 0) |
    (words.has(cp) ? 4 : 0) | (numeric.has(cp) ? 8 : 0) | (marks.has(cp) ? 16 : 0);
}

// The order is that of enum class GraphemeClass in char_class.h; Hangul syllables
// are told apart by arithmetic.
function graphemeClasses() {
  const breaks = (name) => since(name, readSet("auxiliary/GraphemeBreakProperty.txt",
    (value) => value === name));
  const linkers = since("InCB_Linker", readSet("DerivedCoreProperties.txt",
    (name, value) => name === "InCB" && value === "Linker"));
  const extend = breaks("Extend");
  const sets = [
    new Set(), breaks("CR"), breaks("LF"), breaks("Control"),
    new Set([...extend].filter((cp) => cp !== 0x200c && !linkers.has(cp))),
    new Set([0x200c]), linkers, breaks("ZWJ"), breaks("SpacingMark"), breaks("Prepend"),
    breaks("Regional_Indicator"),
    since("Extended_Pictographic", readSet("emoji/emoji-data.txt",
      (name) => name === "Extended_Pictographic")),
    since("InCB_Consonant", readSet("DerivedCoreProperties.txt",
      (name, value) => name === "InCB" && value === "Consonant")),
    breaks("L"), breaks("V"), breaks("T"),
  ];
  const classes = new Map();
  sets.forEach((set, index) => set.forEach((cp) => {
    check(!classes.has(cp), `U+${cp.toString(16)} has two grapheme classes`);
    classes.set(cp, index);
  }));
  return (cp) => classes.get(cp) ?? 0;
}

// Where the class changes: code point << bits | class from there on.
function makeRuns(classOf, bits) {
  const runs = [];
  let last = 0;
  for (let cp = 0; cp < 0x110000; cp++) {
    const next = classOf(cp);
    if (next === last) continue;
    check(next < 1 << bits, "a class of too many bits");
    runs.push(`0x${(cp * 2 ** bits + next).toString(16)}`);
    last = next;
  }
  return runs;
}

// One step of each decomposition, but those of Hangul and of the compatibility
// ideographs, which unicode.cc has.
function makeCanonical() {
  const isElsewhere = (cp) => (cp >= 0xac00 && cp <= 0xd7a3) || (cp >= 0xf900 && cp <= 0xfad9) ||
    (cp >= 0x2f800 && cp <= 0x2fa1d);
  const excluded = readSet("DerivedNormalizationProps.txt",
    (name) => name === "Full_Composition_Exclusion");
  const all = [...characters]
    .filter(([cp, c]) => c.decomposition !== undefined && isOldEnough(cp) && !isElsewhere(cp))
    .map(([cp, c]) => ({ cp, first: c.decomposition[0], second: c.decomposition[1] ?? 0,
      composes: !excluded.has(cp) }));
  const isBmp = ({ cp, first, second }) => Math.max(cp, first, second) < 0x10000;
  const bmp = all.filter(isBmp);
  const order = bmp.map((entry, index) => ({ ...entry, index }))
    .filter(({ composes }) => composes)
    .sort((a, b) => a.first - b.first || a.second - b.second).map(({ index }) => index);
  return { bmp, order, astral: all.filter((entry) => !isBmp(entry)) };
}

// One step of each compatibility decomposition: runs of characters that become one
// each, of characters that follow one another too, and all others.
function makeCompatibility() {
  const runs = [];
  const sequences = [];
  for (const [cp, { compatibility: parts }] of characters) {
    if (parts === undefined || !isOldEnough(cp)) continue;
    check(parts.length <= 18 && Math.max(...parts) < 0x10000, "an unexpected decomposition");
    const last = runs.at(-1);
    if (parts.length > 1) {
      sequences.push({ cp, parts });
    } else if (last !== undefined && last.first + last.count === cp && last.count < 256 &&
               last.to + last.count === parts[0]) {
      last.count++;
    } else {
      runs.push({ first: cp, count: 1, to: parts[0] });
    }
  }
  return { runs, sequences };
}

function printCompatibility() {
  const { runs, sequences } = makeCompatibility();
  printArray("uint32_t", "kCompatibilityRuns",
    "Characters that become one: the first << 8 | how many more follow it …",
    runs.map(({ first, count }) => `0x${(first * 256 + count - 1).toString(16)}`));
  printArray("uint16_t", "kCompatibilityTo", "… and what the first becomes.",
    runs.map(({ to }) => `0x${to.toString(16)}`));
  let place = 0;
  printArray("uint32_t", "kCompatibilityFrom",
    "Other characters that become several: code point << 5 | how many.",
    sequences.map(({ cp, parts }) => `0x${(cp * 32 + parts.length).toString(16)}`));
  printArray("uint16_t", "kCompatibilityBegin", "Where the parts of each begin.",
    sequences.map(({ parts }) => String((place += parts.length) - parts.length)));
  printArray("uint16_t", "kCompatibilityParts", "The parts.",
    sequences.flatMap(({ parts }) => parts.map((part) => `0x${part.toString(16)}`)));
}

function printArray(type, name, comment, values) {
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

function main() {
  const hex = (value) => `0x${value.toString(16)}`;
  const { bmp, order, astral } = makeCanonical();
  console.log(`// SPDX-License-Identifier: Apache-2.0
// Made by tools/unicode/make-char-tables.mjs from Unicode ${UCD_VERSION}. Do not edit.`);
  printArray("uint32_t", "kCharRuns",
    "Code point << 5 | 1 letter, 2 number, 4 word, 8 numeric, 16 mark: the classes from there on.",
    makeRuns(charClasses(), 5));
  printArray("uint32_t", "kGraphemeRuns", "Code point << 4 | GraphemeClass from there on.",
    makeRuns(graphemeClasses(), 4));
  printArray("uint16_t", "kCanonicalFrom", "A character that decomposes …",
    bmp.map(({ cp }) => hex(cp)));
  printArray("uint16_t", "kCanonicalFirst", "… its first part …", bmp.map((e) => hex(e.first)));
  printArray("uint16_t", "kCanonicalSecond", "… and its second; 0: none.",
    bmp.map((e) => hex(e.second)));
  printArray("uint16_t", "kCompositionOrder",
    "Indices of those that compose again, by their parts.", order.map(String));
  printArray("uint32_t", "kAstral",
    "Those of other planes: the character, its parts, 1 if it composes again.",
    astral.flatMap((e) => [hex(e.cp), hex(e.first), hex(e.second), e.composes ? "1" : "0"]));
  printCompatibility();
}

main();
