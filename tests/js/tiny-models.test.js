// SPDX-License-Identifier: Apache-2.0
// Small checkpoints of every architecture, with the weights that the reference
// implementation was given, through the command and the package: what comes out is
// the reference's. tests/cpp compares them layer by layer.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { load } from "../../js/index.js";
import { cosine } from "../../tools/eval/model-quality.mjs";
import { root } from "../../tools/setup/paths.mjs";
import { readTinyModel, tinyModelNames, wordOf, writeTinyModel } from "../golden/tiny-models.mjs";

/** @type {string} */
let folder;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "simile-tiny-"))));
afterAll(() => rm(folder, { recursive: true }));

/**
 * @param {string} name @param {Record<string, object>} [files]
 * @param {object} [tokenizer] members of tokenizer.json that differ
 */
async function loadTiny(name, files, tokenizer) {
  const source = join(folder, name);
  await writeTinyModel(name, source, files);
  if (tokenizer) {
    const path = join(source, "tokenizer.json");
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), ...tokenizer }));
  }
  await promisify(execFile)(process.execPath, [join(root, "js/cli/simile.js"), "convert", source,
    "-o", `${source}.simile`, "--weights", "f32"]);
  return load(`${source}.simile`);
}

/** Without the special tokens, which the tokenizer adds. */
const textOf = (/** @type {number[]} */ ids, /** @type {any} */ { before, after }) =>
  ids.slice(before.length, ids.length - after.length).map(wordOf).join(" ");

/** @type {Record<string, any>} */
const documents = Object.fromEntries(await Promise.all((await tinyModelNames()).map(async (name) => [name, await readTinyModel(name)])));
const encoders = Object.entries(documents).filter(([, { vectors }]) => vectors)
  .flatMap(([name, { vectors }]) => Object.keys(vectors).map((pooling) => [name, pooling]));

const poolingKeys = /** @type {Record<string, string>} */ ({
  cls: "cls_token", mean: "mean_tokens", max: "max_tokens", mean_sqrt_len_tokens: "mean_sqrt_len_tokens",
  weightedmean: "weightedmean_tokens", lasttoken: "lasttoken",
});

describe("small checkpoints", () => {
  test.each(encoders)("%s with %s pooling gives the reference's vectors", async (name, pooling) => {
    const { folder: files, special, texts, vectors } = documents[name];
    const settings = Object.fromEntries(Object.entries(poolingKeys)
      .map(([mode, key]) => [`pooling_mode_${key}`, mode === pooling]));
    const model = await loadTiny(name, {
      "1_Pooling/config.json": { ...files["1_Pooling/config.json"], ...settings },
    });
    const embedded = await model.embed(texts.map((/** @type {number[]} */ ids) => textOf(ids, special)));
    const ids = await Promise.all(texts.map((/** @type {number[]} */ one) => model.tokenize(textOf(one, special))));
    model.dispose();
    expect(ids.map((one) => Array.from(one.ids))).toEqual(texts);
    for (const [i, vector] of vectors[pooling].entries()) {
      expect(cosine(embedded[i], vector)).toBeGreaterThan(0.99999);
    }
  });

  test("a cross-encoder's scores are the reference's, through the sigmoid of one label", async () => {
    const { texts, types, logits } = documents["cross-encoder-1"];
    const model = await loadTiny("cross-encoder-1");
    for (const [i, [logit]] of logits.entries()) {
      const second = types[i].indexOf(1);
      const words = (/** @type {number} */ from, /** @type {number} */ to) => texts[i].slice(from, to).map(wordOf).join(" ");
      const query = words(1, second - 1);
      const document = words(second, texts[i].length - 1);
      const [{ score }] = await model.rerank(query, [document]);
      expect(score).toBeCloseTo(1 / (1 + Math.exp(-logit)), 5);
    }
    model.dispose();
  });

  test("the scores of several labels are no ranking", async () => {
    const model = await loadTiny("cross-encoder-3");
    await expect(model.rerank("w8", ["w9"])).rejects.toThrow(/gives each pair 3 scores/);
    model.dispose();
  });

  test("a text that its normaliser lengthens has all its tokens", async () => {
    const model = await loadTiny("bert-relu", {}, { normalizer: { type: "NFKC" } });
    // Four primes of three bytes each out of one character of three bytes.
    const { ids } = await model.tokenize("\u2057".repeat(300), { maxTokens: 5000 });
    expect(Array.from(ids)).toEqual([2, ...Array.from({ length: 1200 }, () => 7), 3]);
    model.dispose();
  });
});
