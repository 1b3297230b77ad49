// SPDX-License-Identifier: Apache-2.0
// `rerank`, and `rank` with it: a cross-encoder of a few kilobytes, here and in workers.

import { load } from "../../js/index.js";
import { crossEncoderFiles, removeFolder, writeFolder } from "./tiny-checkpoint.js";
import { checkpoint, convert, expectError, removeCheckpoints } from "./tiny-model.js";

const documents = ["a dog sat", "the cat sat on the mat", "", "a mat", "the the the", "cats é."];
/** @type {string[]} */
const folders = [];
/** @type {Uint8Array} a Simile file */
let file;
/** @type {import("../../js/index.js").Embedder} */
let reader;
/** @type {import("../../js/index.js").Embedder} */
let embedder;

/** @param {number} [labels] */
async function crossEncoder(labels) {
  folders.push(await writeFolder(crossEncoderFiles(labels)));
  return convert(folders[folders.length - 1]);
}

beforeAll(async () => {
  file = await crossEncoder();
  [reader, embedder] = await Promise.all([load(file), load(await convert(await checkpoint()))]);
});
afterAll(async () => {
  reader.dispose();
  embedder.dispose();
  await Promise.all([removeCheckpoints(), ...folders.map(removeFolder)]);
});

test("gives the documents best first, with their places and texts", async () => {
  const hits = await reader.rerank("the cat", documents);
  expect(hits.map(({ index }) => index).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  for (const { index, score, text } of hits) {
    expect(text).toBe(documents[index]);
    expect(score).toBeGreaterThan(0); // a sigmoid
    expect(score).toBeLessThan(1);
  }
  expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).sort((a, b) => b - a));
  expect(await reader.rerank("the cat", documents, { topK: 2 })).toEqual(hits.slice(0, 2));
  expect(await reader.rerank("the cat", [])).toEqual([]);
  expect(reader.info().model).toMatchObject({ labels: 1, dims: 32 });
});

test("a document has one score in any company, which depends on the query", async () => {
  const many = Array.from({ length: 300 }, (_, i) => documents[i % documents.length]);
  /** @param {string} query @param {readonly string[]} texts */
  const scores = async (query, texts) => {
    const hits = await reader.rerank(query, texts);
    return hits.sort((a, b) => a.index - b.index).map(({ score }) => score);
  };
  const alone = await scores("the cat", documents);
  const together = await scores("the cat", many);
  together.forEach((score, i) => expect(score).toBe(alone[i % documents.length]));
  expect(await scores("a dog", documents)).not.toEqual(alone);
});

test.each([{ worker: true, workers: 1 }, { worker: true, workers: 3 }])("is the same with %j", async (options) => {
  const other = await load(file, options);
  const many = Array.from({ length: 500 }, (_, i) => documents[i % documents.length]);
  expect(await other.rerank("a mat", many)).toEqual(await reader.rerank("a mat", many));
  other.dispose();
});

test("tells its progress, and an abort ends it", async () => {
  const many = Array.from({ length: 2000 }, () => documents[1]);
  /** @type {number[]} */
  const done = [];
  await reader.rerank("a", many.slice(0, 200), { onProgress: (progress) => done.push(progress.fraction) });
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(done[done.length - 1]).toBe(1);
  const controller = new AbortController();
  const work = reader.rerank("a", many, { signal: controller.signal, onProgress: () => controller.abort() });
  await expect(work).rejects.toMatchObject({ name: "AbortError" });
  expect(await reader.rerank("a", ["a"])).toHaveLength(1);
});

test("rank has it read the first results, and keeps their places in the list", async () => {
  const first = await embedder.rank("the cat", documents, { topK: 3 });
  const hits = await embedder.rank("the cat", documents, { rerank: reader, rerankTop: 3, topK: 2 });
  const expected = await reader.rerank("the cat", first.map(({ text }) => /** @type {string} */ (text)));
  expect(hits).toEqual(expected.slice(0, 2).map((hit) => ({ ...hit, index: first[hit.index].index })));
  for (const { index, text } of hits) expect(text).toBe(documents[index]);
  expect(await embedder.rank("a", documents, { rerank: reader })).toHaveLength(6);
});

test("a model that embeds reads no pairs, and the other way round", async () => {
  await expectError(embedder.rerank("a", ["b"]), "invalid_argument", /^'tiny' is no cross-encoder: it has no classifier/);
  for (const call of [() => reader.embed("a"), () => reader.rank("a", ["b"]), () => reader.embedTokens("a"),
    () => reader.similarity("a", "b")]) {
    await expectError(call(), "invalid_argument", /^'tiny' is a cross-encoder: it scores pairs of texts, and embeds none$/);
  }
  const three = await load(await crossEncoder(3));
  await expectError(three.rerank("a", ["b"]), "invalid_argument", /gives each pair 3 scores; a ranking needs one/);
  three.dispose();
});

test("what is wrong with the arguments is named", async () => {
  const any = /** @type {any} */ (undefined);
  await expectError(reader.rerank(any, ["a"]), "invalid_argument", /^query: expected a string, got nothing/);
  await expectError(reader.rerank("a", any), "invalid_argument", /^documents: expected/);
  await expectError(reader.rerank("a", ["b"], { topK: 0 }), "invalid_argument", /^topK: expected a whole number/);
  await expectError(embedder.rank("a", ["b"], { rerank: /** @type {any} */ ({}) }), "invalid_argument", /^rerank: expected a model/);
  await expectError(embedder.rank("a", ["b"], { rerank: reader, rerankTop: 0 }), "invalid_argument", /^rerankTop: expected/);
  const vectors = await embedder.embed(["b"]);
  await expectError(embedder.rank("a", vectors, { rerank: reader }), "invalid_argument", /^documents\[0\]: expected a string/);
});
