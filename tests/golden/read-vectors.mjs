// SPDX-License-Identifier: Apache-2.0
// The golden texts and their reference vectors, for tests in Node. Formats:
// README.md.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** @returns {Promise<Buffer>} */
const read = (/** @type {string} */ name) => readFile(new URL(name, import.meta.url));

/** @returns {Promise<string[]>} the lines of texts.txt */
export async function readGoldenTexts() {
  return (await read("texts.txt")).toString("utf8").replace(/\n$/, "").split("\n");
}

/**
 * Throws if the vectors were made from other texts than texts.txt now holds.
 * @returns {Promise<{ texts: string[], vectors: Float32Array[], sentences: string[],
 *   cosines: number[] }>} a vector for each text, of unit length to 1e-4; cosines
 *   of sentences 0 and 1, 0 and 2, 1 and 2
 */
export async function readGoldenVectors() {
  const document = JSON.parse((await read("vectors.json")).toString("utf8"));
  const hash = createHash("sha256").update(await read("texts.txt")).digest("hex");
  if (hash !== document.texts_sha256) {
    throw new Error("vectors.json was made from another texts.txt; see tests/golden/README.md");
  }
  const { dims, fixed_point: fixedPoint, sentences, cosines } = document;
  const vectors = document.vectors.map((/** @type {string} */ base64) => {
    const bytes = Buffer.from(base64, "base64");
    return Float32Array.from({ length: dims }, (_, i) => bytes.readInt16LE(2 * i) / fixedPoint);
  });
  return { texts: await readGoldenTexts(), vectors, sentences, cosines };
}
