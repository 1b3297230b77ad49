// SPDX-License-Identifier: Apache-2.0
// The parts of the demo page that need no page: tables, the map's axes, tokens,
// numbers as text.

import { describe, expect, test } from "@jest/globals";
import { guessDelimiter, hasHeader, parseCsv, wordiestColumn } from "../../web/parts/csv.js";
import { examples } from "../../web/parts/examples.js";
import { formatBytes, formatScore, formatTime } from "../../web/parts/format.js";
import { principalAxes, project } from "../../web/parts/principal-axes.js";
import { piecesOf } from "../../web/parts/token-view.js";
import { findWord, pairsOf, wordVector } from "../../web/parts/word-view.js";

describe("a table as text", () => {
  test.each([
    ["plain fields", "a,b\nc,d\ne,f", [["a", "b"], ["c", "d"], ["e", "f"]]],
    ["any line ends, the last one or not", "a,b\r\nc,d\re,f\n", [["a", "b"], ["c", "d"], ["e", "f"]]],
    ["quotes, with delimiters, quotes and line ends in them",
      '"a,1","b ""x"""\n"two\nlines",d\n', [["a,1", 'b "x"'], ["two\nlines", "d"]]],
    ["empty fields", "a,,b\n,,\n\"\",x,", [["a", "", "b"], ["", "", ""], ["", "x", ""]]],
    ["empty lines are left out", "\na,b\n\n\nc,d\n\n", [["a", "b"], ["c", "d"]]],
    ["a byte order mark", "\ufeffa,b\nc,d", [["a", "b"], ["c", "d"]]],
    ["a quote inside a field is a character", 'a 5" disk,b\nc,d', [['a 5" disk', "b"], ["c", "d"]]],
    ["what follows a closing quote is kept", '"a"b,c\nd,e', [["ab", "c"], ["d", "e"]]],
    ["a quote that never ends", 'a,"b\nc,d', [["a", "b\nc,d"]]],
    ["one column", "one\ntwo\nthree", [["one"], ["two"], ["three"]]],
    ["nothing", "", []],
    ["only line ends", "\r\n\n\r", []],
  ])("%s", (_, text, rows) => {
    expect(parseCsv(text, { delimiter: "," })).toEqual(rows);
  });

  test("is read no further than asked", () => {
    expect(parseCsv("a\nb\nc\nd", { maxRows: 3 })).toEqual([["a"], ["b"], ["c"]]);
  });

  test.each([
    [",", "id,text\n1,one; two\n2,three"],
    [";", "id;text\n1;one, two\n2;three\n3;four, five, six"],
    ["\t", "id\ttext\n1\tone, two\n2\tthree"],
    [",", "a sentence\nanother one\na third"],
    [",", ""],
  ])("has %j between its fields", (delimiter, text) => {
    expect(guessDelimiter(text)).toBe(delimiter);
  });

  test("has a header if its first row looks like names", () => {
    expect(hasHeader([["id", "text"], ["1", "A sentence."], ["2", "Another"]])).toBe(true);
    expect(hasHeader([["1", "A sentence."], ["2", "Another one."]])).toBe(false);
    expect(hasHeader([["A sentence."], ["Another one."]])).toBe(false);
    expect(hasHeader([["id", ""], ["1", "x"]])).toBe(false);
    expect(hasHeader([["text"]])).toBe(false);
  });

  test("has its sentences in the column with the most words", () => {
    expect(wordiestColumn([["id", "q", "date"], ["1000000000001", "Why is that so?", "2026-01-01"], ["2", "Because", "2026-01-02"]])).toBe(1);
    expect(wordiestColumn([["only"]])).toBe(0);
  });
});

describe("the map's axes", () => {
  /** Points on a plane of known axes in five dimensions. */
  function plane(count) {
    const vectors = new Float32Array(count * 5);
    for (let i = 0; i < count; ++i) {
      const [far, near] = [Math.cos(i * 1.7) * 4, Math.sin(i * 2.3)];
      vectors.set([3 + 0.6 * far, -1 + 0.8 * far, 2 + near, 5, -7], i * 5);
    }
    return vectors;
  }

  test("are those along which the vectors vary most, the first first", () => {
    const { axes: [first, second] } = principalAxes(plane(200), 5);
    [0.6, 0.8, 0, 0, 0].forEach((value, k) => expect(first[k]).toBeCloseTo(value, 1));
    [0, 0, 1, 0, 0].forEach((value, k) => expect(second[k]).toBeCloseTo(value, 1));
    expect(first.reduce((sum, value, k) => sum + value * second[k], 0)).toBeCloseTo(0, 10);
    expect(Math.hypot(...first)).toBeCloseTo(1, 10);
  });

  test("are the same however often and in whatever order they are computed", () => {
    const vectors = plane(50);
    const turned = Float32Array.from({ length: vectors.length }, (_, i) =>
      vectors[(49 - Math.floor(i / 5)) * 5 + (i % 5)]);
    const [once, again, reversed] = [vectors, vectors, turned].map((one) => principalAxes(one, 5));
    expect(again).toEqual(once);
    reversed.axes.forEach((axis, n) =>
      axis.forEach((value, k) => expect(value).toBeCloseTo(once.axes[n][k], 6)));
  });

  test("put the mean in the middle", () => {
    const vectors = plane(30);
    const axes = principalAxes(vectors, 5);
    const points = project(vectors, axes);
    expect(points).toHaveLength(60);
    for (const n of [0, 1]) {
      expect(points.filter((_, i) => i % 2 === n).reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 4);
    }
  });

  test.each([1, 2, 3])("of %i equal vectors put all in one place", (count) => {
    const vectors = Float32Array.from({ length: count * 5 }, (_, i) => i % 5);
    const points = project(vectors, principalAxes(vectors, 5));
    points.forEach((value) => expect(value).toBeCloseTo(0, 6));
  });
});

describe("the pieces of a sentence", () => {
  test("know their words, and what is special or unknown", () => {
    const text = "Unbelievably, 東 ok";
    const tokens = {
      ids: [101, 4895, 8671, 1010, 100, 7929, 102],
      offsets: /** @type {[number, number][]} */ ([[0, 0], [0, 2], [2, 12], [12, 13], [14, 15], [16, 18], [0, 0]]),
    };
    expect(piecesOf(text, tokens).map(({ text: piece, kind, continues, word }) => [piece, kind, continues, word]))
      .toEqual([
        ["[CLS]", "special", false, 0],
        ["Un", "word", false, 0],
        ["believably", "word", true, 0],
        [",", "word", false, 1],
        ["東", "unknown", false, 2],
        ["ok", "word", false, 3],
        ["[SEP]", "special", false, 0],
      ]);
  });
});

test("numbers read well", () => {
  expect([0.661568, -0.25, -0.001, 1].map((score) => formatScore(score))).toEqual(["0.66", "−0.25", "0.00", "1.00"]);
  expect([3.14, 23.4, 999, 1234].map(formatTime)).toEqual(["3.1 ms", "23 ms", "999 ms", "1.2 s"]);
  expect([1234, 23_141_060].map(formatBytes)).toEqual(["1 KB", "23.1 MB"]);
});

test.each(examples.map((example) => [example.title, example]))("the example %s has no sentence twice", (_, { sentences, queries }) => {
  expect(new Set(sentences).size).toBe(sentences.length);
  expect(queries.length).toBeGreaterThan(0);
  for (const text of [...sentences, ...queries]) expect(text).toBe(text.trim());
});

describe("a word in several sentences", () => {
  test.each([
    ["the bank lends", "bank", [4, 8]],
    ["Bank holidays", "bank", [0, 4]],
    ["bankers, not the bank.", "bank", [17, 21]],
    ["das Überbein, über alles", "ÜBER", [14, 18]],
    ["a piggy bank", "piggy bank", [2, 12]],
  ])("of %j, %j is found where it stands alone", (sentence, word, [begin, end]) => {
    expect(findWord(sentence, word)).toEqual({ sentence, begin, end });
  });

  test.each([["bankers", "bank"], ["anything", ""], ["nothing of it", "bank"]])("%j has no %j", (sentence, word) => {
    expect(findWord(sentence, word)).toBeUndefined();
  });

  test("its vector is the mean of its tokens', of length 1", () => {
    const token = (/** @type {number} */ begin, /** @type {number} */ end, isSpecial = false) =>
      ({ id: 1, text: "", begin, end, isSpecial });
    const read = {
      tokens: [token(0, 0, true), token(0, 3), token(4, 6), token(6, 8), token(9, 12), token(0, 0, true)],
      vectors: [[9, 9], [8, 0], [3, 0], [0, 4], [5, 5], [7, 7]].map((numbers) => Float32Array.from(numbers)),
      dims: 2,
      truncated: false,
    };
    const vector = wordVector(read, { sentence: "", begin: 4, end: 8 });
    expect(Array.from(vector ?? [])).toEqual([expect.closeTo(0.6), expect.closeTo(0.8)]);
    expect(wordVector(read, { sentence: "", begin: 20, end: 24 })).toBeUndefined();
  });

  test("each pair is compared once, the nearest first", () => {
    const words = [[1, 0], [0, 1], [0.6, 0.8], [-1, 0]].map((numbers, i) =>
      ({ place: { sentence: String(i), begin: 0, end: 1 }, vector: Float32Array.from(numbers) }));
    const pairs = pairsOf(words);
    expect(pairs).toHaveLength(6);
    expect(pairs.map(({ a, b }) => a.sentence + b.sentence).slice(0, 2)).toEqual(["12", "02"]);
    expect(pairs[5].similarity).toBe(-1);
  });
});
