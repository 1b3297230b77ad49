// SPDX-License-Identifier: Apache-2.0
// The golden texts and their reference vectors, for tests in Node. Formats:
// README.md.

import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";

/** @returns {Promise<Buffer>} */
const read = (/** @type {string} */ name) => readFile(new URL(name, import.meta.url));

/** @returns {Promise<string[]>} the lines of a file of texts */
export async function readGoldenTexts(name = "texts.txt") {
  return (await read(name)).toString("utf8").replace(/\n$/, "").split("\n");
}

const sha256 = (/** @type {string | Buffer} */ data) => createHash("sha256").update(data).digest("hex");

/** @param {string} base64 @param {{ dims: number, fixed_point: number }} format */
function decodeVector(base64, { dims, fixed_point: fixedPoint }) {
  const bytes = Buffer.from(base64, "base64");
  return Float32Array.from({ length: dims }, (_, i) => bytes.readInt16LE(2 * i) / fixedPoint);
}

/**
 * Throws if the vectors were made from other texts than texts.txt now holds.
 * @returns {Promise<{ texts: string[], vectors: Float32Array[], sentences: string[],
 *   cosines: number[] }>} a vector for each text, of unit length to 1e-4; cosines
 *   of sentences 0 and 1, 0 and 2, 1 and 2
 */
export async function readGoldenVectors() {
  const document = JSON.parse((await read("vectors.json")).toString("utf8"));
  if (sha256(await read("texts.txt")) !== document.texts_sha256) {
    throw new Error("vectors.json was made from another texts.txt; see tests/golden/README.md");
  }
  const { sentences, cosines } = document;
  const vectors = document.vectors.map((/** @type {string} */ one) => decodeVector(one, document));
  return { texts: await readGoldenTexts(), vectors, sentences, cosines };
}

/** @returns {Promise<string[]>} the models that model_vectors/ has goldens of */
export const goldenModelNames = async () =>
  (await readdir(new URL("model_vectors/", import.meta.url))).map((file) => file.replace(/\.json$/, "")).sort();

/**
 * @param {string} name
 * @returns {Promise<{ texts: string[], prompts: (string | null)[], vectors: Float32Array[],
 *   idsSha256: string, modelSha256: string, norms?: number[],
 *   also?: { pooling: string, vectors: Float32Array[] } }>} text `i` has prompt `i` modulo
 *   their number; `also`: of the first texts, with another pooling
 */
export async function readModelVectors(name) {
  const document = JSON.parse((await read(`model_vectors/${name}.json`)).toString("utf8"));
  const texts = [];
  for (const [file, begin, end, step] of document.texts) {
    texts.push(...(await readGoldenTexts(file)).slice(begin, end).filter((_, i) => i % step === 0));
  }
  if (sha256(texts.join("\n")) !== document.texts_sha256) {
    throw new Error(`model_vectors/${name}.json was made from other texts; see tests/golden/README.md`);
  }
  const decode = (/** @type {string} */ one) => decodeVector(one, document);
  return {
    texts, prompts: document.prompts, vectors: document.vectors.map(decode), norms: document.norms,
    idsSha256: document.ids_sha256, modelSha256: document.model_sha256,
    ...(document.also && { also: { pooling: document.also.pooling, vectors: document.also.vectors.map(decode) } }),
  };
}
