// SPDX-License-Identifier: Apache-2.0
// The STS Benchmark (Cer et al. 2017): pairs of sentences with people's judgement
// of their similarity, 0…5; a model's mark is the Spearman correlation, x100, of
// its cosines with theirs. Files as distributed: tab-separated without header or
// quoting; score, sentence and sentence are columns 5 to 7.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { spearman } from "./spearman.mjs";

/**
 * What sentence-transformers 6.2.0 gets with all-MiniLM-L6-v2 in f32, and how far
 * each precision may be from it.
 */
export const REFERENCE = { test: 82.032, dev: 86.717 };
export const TOLERANCE = { f32: 0.02, int8: 0.15 };

/**
 * @param {string} folder the data folder
 * @param {"test" | "dev"} split
 * @returns {Promise<{ scores: number[], first: string[], second: string[] }>}
 */
export async function readPairs(folder, split) {
  const text = await readFile(join(folder, "stsbenchmark", `sts-${split}.csv`), "utf8");
  const rows = text.split("\n").filter((line) => line !== "").map((line) => line.split("\t"));
  return {
    scores: rows.map((row) => Number(row[4])),
    first: rows.map((row) => row[5]),
    second: rows.map((row) => row[6].trimEnd()),
  };
}

/**
 * Spearman x100 of the model on the pairs.
 * @param {import("../../js/index.js").Embedder} model
 * @param {Awaited<ReturnType<typeof readPairs>>} pairs
 */
export async function evaluatePairs(model, { scores, first, second }) {
  const a = await model.embed(first);
  const b = await model.embed(second);
  const cosines = scores.map((_, i) => dot(a[i], b[i])); // unit vectors
  return 100 * spearman(cosines, scores);
}

/** @param {Float32Array} a @param {Float32Array} b */
function dot(a, b) {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
