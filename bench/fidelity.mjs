// SPDX-License-Identifier: Apache-2.0
// A runtime that computes something else than the model is not compared: every
// one's vectors are held against the reference's.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../tools/setup/paths.mjs";

const golden = join(root, "tests/golden");
const checkedTexts = 20;
const minCosine = { simile: 0.99, int8: 0.95, f32: 0.999 };

/** The reference's vectors of the first golden texts. */
export async function readReference() {
  const { vectors, fixed_point: unit } = JSON.parse(await readFile(join(golden, "vectors.json"), "utf8"));
  const texts = (await readFile(join(golden, "texts.txt"), "utf8")).split("\n").slice(0, checkedTexts);
  return texts.map((text, i) => {
    const bytes = Buffer.from(vectors[i], "base64");
    return { text, vector: Array.from({ length: bytes.length / 2 }, (_, k) => bytes.readInt16LE(2 * k) / unit) };
  });
}

/** @param {number[]} a @param {number[]} b */
function cosine(a, b) {
  const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

const minimum = (name) => minCosine[name.startsWith("simile") ? "simile" : name.split("-")[1]];

/**
 * @param {Record<string, number[][]>} vectors by runtime
 * @param {{ vector: number[] }[]} reference
 * @returns {Record<string, number>} the mean cosine of each
 */
export function fidelity(vectors, reference) {
  return Object.fromEntries(Object.entries(vectors).map(([name, list]) => {
    const cosines = list.map((vector, i) => cosine(vector, reference[i].vector));
    const mean = cosines.reduce((sum, value) => sum + value) / cosines.length;
    if (!(mean >= minimum(name))) throw new Error(`${name}: mean cosine ${mean} to the reference`);
    return [name, Number(mean.toFixed(5))];
  }));
}
