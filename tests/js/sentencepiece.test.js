// SPDX-License-Identifier: Apache-2.0
// Models with a sentencepiece tokenizer: the part that has the library, fetched when it
// is needed and not before.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { load } from "../../js/index.js";
import { moduleFiles } from "../../js/module-files.js";
import { sentencepieceModel, tinyPieces } from "./sentencepiece-model.js";
import { checkpointFiles, removeFolder, words, writeFolder } from "./tiny-checkpoint.js";
import { checkpoint, convert, expectError, removeCheckpoints } from "./tiny-model.js";

/** @type {string[]} */
const folders = [];
/** @type {Uint8Array} */
let bytes;
let isPartThereForOthers = true;

/** @param {Record<string, string | Uint8Array>} [changed] */
async function sentencepieceCheckpoint(changed = {}) {
  const files = checkpointFiles();
  delete files["vocab.txt"];
  // <unk>, <s>, </s>, and with two of its own as many tokens as the weights have rows.
  const pieces = [...tinyPieces, ...["x", "y"].map((text) => /** @type {[string, number]} */ ([text, -5]))];
  expect(pieces.length + 2).toBe(words.length);
  folders.push(await writeFolder({
    ...files,
    "sentencepiece.bpe.model": sentencepieceModel(pieces),
    "tokenizer_config.json": JSON.stringify({ tokenizer_class: "XLMRobertaTokenizer" }),
    ...changed,
  }));
  return folders[folders.length - 1];
}

beforeAll(async () => {
  const model = await load(await convert(await checkpoint()));
  await model.embed("the cat");
  model.dispose();
  isPartThereForOthers = "sentencepiece" in moduleFiles;
  bytes = await convert(await sentencepieceCheckpoint());
});
afterAll(async () => {
  await Promise.all(folders.map(removeFolder));
  await removeCheckpoints();
});

test("a model without a sentencepiece tokenizer loads nothing of the part", async () => {
  expect(isPartThereForOthers).toBe(false);
  const model = await load(bytes);
  model.dispose();
  expect(moduleFiles).toHaveProperty("sentencepiece");
});

test.each([false, true])("a checkpoint's ids are those of its class (worker: %j)", async (worker) => {
  const model = await load(new Blob([/** @type {BlobPart} */ (bytes)]), { worker });
  const { ids, offsets } = await model.tokenize("the cats sat <mask> on the жж mat");
  expect(ids).toEqual([0, 4, 5, 11, 7, 15, 8, 4, 12, 3, 9, 2]);
  expect(offsets[5]).toEqual([12, 19]);
  const vectors = await model.embed(["the cat sat", "a dog", ""]);
  expect(vectors.count).toBe(3);
  expect([...vectors[0]].every(Number.isFinite)).toBe(true);
  model.dispose();
});

test("several models share the part, and each has its own vocabulary", async () => {
  const other = await convert(await sentencepieceCheckpoint({
    "sentencepiece.bpe.model": sentencepieceModel([...tinyPieces.slice(0, 3), ["▁a", -1], ["a", -2]]),
  }));
  const models = await Promise.all([bytes, other, bytes].map((file) => load(file)));
  const texts = await Promise.all(models.map((model) => model.tokenize("a")));
  expect(texts.map(({ ids }) => ids)).toEqual([[0, 10, 2], [0, 4, 2], [0, 10, 2]]);
  models[0].dispose();
  expect((await models[2].tokenize("the")).ids).toEqual([0, 4, 2]);
  models.forEach((model) => model.dispose());
});

test("a part that is not there is named by the error, and the next load works", async () => {
  const url = (/** @type {string} */ name) => name === "simile-sentencepiece.wasm"
    ? new URL("file:///nowhere/simile-sentencepiece.wasm") : new URL(`../../js/wasm/${name}`, import.meta.url);
  await expectError(load(bytes, { wasmUrl: url }), "invalid_argument", /simile-sentencepiece\.wasm/);
  const model = await load(bytes);
  expect((await model.tokenize("the")).ids).toEqual([0, 4, 2]);
  model.dispose();
});

test("loading can be left while the part is on its way", async () => {
  const leave = new AbortController();
  const loading = load(bytes, { signal: leave.signal, onProgress: () => leave.abort(new Error("left")) });
  await expect(loading).rejects.toThrow("left");
});

test("a megabyte without a space is tokenised", async () => {
  const model = await load(bytes);
  const { ids, truncated } = await model.tokenize("s".repeat(1 << 20));
  expect(truncated).toBe(true);
  expect(ids.length).toBe(48);
  model.dispose();
});

test("a file that is no sentencepiece model is refused by name", async () => {
  const path = await sentencepieceCheckpoint();
  await writeFile(join(path, "sentencepiece.bpe.model"), "no model");
  await expectError(convert(path), "bad_model", /tokenizer\.model/);
  await writeFile(join(path, "sentencepiece.bpe.model"), sentencepieceModel([["a".repeat(600), 0]]));
  await expectError(convert(path), "bad_model", /piece 0: expected 1 to 512 bytes, found 600/);
});

test("a tokenizer class that is not known is refused by name", async () => {
  const path = await sentencepieceCheckpoint({
    "tokenizer_config.json": JSON.stringify({ tokenizer_class: "CamembertTokenizer" }),
  });
  await expectError(convert(path), "bad_model", /"CamembertTokenizer" is not supported/);
});

test("the part is one file of WebAssembly that needs no permission but its own", async () => {
  const glue = await readFile(new URL("../../js/wasm/simile-sentencepiece.js", import.meta.url), "utf8");
  expect(glue).not.toMatch(/\beval\(|new Function\(/);
});
