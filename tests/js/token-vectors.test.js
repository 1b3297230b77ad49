// SPDX-License-Identifier: Apache-2.0
// `embedTokens`: a vector for each token, here and in workers.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "../../js/index.js";
import { checkpoint, convert, expectError, removeCheckpoints, texts } from "./tiny-model.js";

/** @type {Uint8Array} a Simile file */
let file;
/** @type {import("../../js/index.js").Embedder} */
let model;

beforeAll(async () => {
  file = await convert(await checkpoint());
  model = await load(file);
});
afterAll(async () => {
  model.dispose();
  await removeCheckpoints();
});

test("gives one text's tokens with their places, special ones marked", async () => {
  const text = "a cats 😀.";
  const { tokens, vectors, dims, truncated } = await model.embedTokens(text);
  expect(tokens.map((token) => token.text)).toEqual(["", "a", "cat", "s", "😀", ".", ""]);
  expect(tokens.map(({ isSpecial }) => isSpecial)).toEqual([true, false, false, false, false, false, true]);
  expect(tokens[4]).toMatchObject({ begin: 7, end: 9 }); // UTF-16 code units
  for (const { begin, end, text: own } of tokens) expect(text.slice(begin, end)).toBe(own);
  expect(tokens.map(({ id }) => id)).toEqual((await model.tokenize(text)).ids);
  expect([vectors.length, dims, truncated]).toEqual([tokens.length, 32, false]);
  expect(vectors.every((vector) => vector instanceof Float32Array && vector.length === dims)).toBe(true);
});

test("the mean of a text's token vectors is its vector", async () => {
  const all = await model.embedTokens(texts);
  const embeddings = await model.embed(texts, { normalize: false });
  expect(all).toHaveLength(texts.length);
  all.forEach(({ vectors, dims }, i) => {
    for (let d = 0; d < dims; ++d) {
      const mean = vectors.reduce((sum, vector) => sum + vector[d], 0) / vectors.length;
      expect(mean).toBeCloseTo(embeddings[i][d], 4);
    }
  });
});

test("a text has the same token vectors alone and among many, of length 1 when asked", async () => {
  const many = Array.from({ length: 150 }, (_, i) => texts[i % texts.length]);
  const together = await model.embedTokens(many, { normalize: true });
  for (const [i, text] of texts.entries()) {
    const alone = await model.embedTokens(text, { normalize: true });
    expect(together[i + texts.length * 20]).toEqual(alone);
    for (const vector of alone.vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  }
  expect(await model.embedTokens([])).toEqual([]);
});

test("says of a text that is too long that it was cut", async () => {
  const { tokens, truncated } = await model.embedTokens("the cat ".repeat(100));
  expect([tokens.length, truncated, tokens[47].isSpecial]).toEqual([48, true, true]);
});

test.each([{ worker: true, workers: 1 }, { worker: true, workers: 3 }])("is the same with %j", async (options) => {
  const other = await load(file, options);
  const many = Array.from({ length: 400 }, (_, i) => texts[i % texts.length]);
  expect(await other.embedTokens(many)).toEqual(await model.embedTokens(many));
  other.dispose();
});

test("an abort ends it, and what is wrong is named", async () => {
  const controller = new AbortController();
  const many = Array.from({ length: 3000 }, () => texts[0]);
  const work = model.embedTokens(many, { signal: controller.signal });
  setTimeout(() => controller.abort());
  await expect(work).rejects.toMatchObject({ name: "AbortError" });
  await expectError(model.embedTokens(/** @type {any} */ (5)), "invalid_argument", /^texts: expected a string or/);
  await expectError(model.embedTokens("a", /** @type {any} */ ({ dims: 3 })), "invalid_argument", /unknown option 'dims'/);
});

const path = join(process.env.SIMILE_TEST_MODELS ?? fileURLToPath(new URL("../../dist/models", import.meta.url)),
  "all-minilm-l6-v2.int8.simile");
(existsSync(path) ? test : test.skip)("a bank of accounts is nearer to one that lends than to a river's", async () => {
  const real = await load(path);
  const sentences = ["go to the bank to open an account", "the bank lends money", "sit on the bank of the river"];
  const banks = (await real.embedTokens(sentences)).map(({ tokens, vectors }) =>
    vectors[tokens.findIndex(({ text }) => text === "bank")]);
  const lending = await real.similarity(banks[0], banks[1]);
  const river = await real.similarity(banks[0], banks[2]);
  expect(lending).toBeGreaterThan(river + 0.05);
  real.dispose();
});
