// SPDX-License-Identifier: Apache-2.0
// all-MiniLM-L6-v2 as `npm run demo` converts it.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { load } from "../../js/index.js";
import { readTokenIds } from "./golden-token-ids.js";

const folder = process.env.SIMILE_TEST_MODELS ??
  fileURLToPath(new URL("../../dist/models", import.meta.url));
/** @param {string} precision */
const pathOf = (precision) => join(folder, `all-minilm-l6-v2.${precision}.simile`);
const query = "I love machine learning";
const sentences = ["Bananas are yellow", "Artificial intelligence is amazing"];

// Tolerances are the issue's; the values are sentence-transformers' in f32.
describe.each([["int8", 0.005], ["f32", 0.0001]])("with %s weights", (precision, tolerance) => {
  const describeModel = existsSync(pathOf(precision)) ? describe : describe.skip;
  describeModel("all-MiniLM-L6-v2", () => {
    /** @type {import("../../js/index.js").Embedder} */
    let model;
    beforeAll(async () => void (model = await load(pathOf(precision))));
    afterAll(() => model.dispose());

    test("ranks the three sentences as the reference does", async () => {
      const ranking = await model.rank(query, sentences);
      expect(ranking.map(({ index }) => index)).toEqual([1, 0]);
      expect(Math.abs(ranking[0].score - 0.661568)).toBeLessThan(tolerance);
      expect(Math.abs(ranking[1].score - 0.089044)).toBeLessThan(tolerance);
      const second = await model.rank(query, await model.embed(sentences), { topK: 1, minScore: 0.5 });
      expect(second).toEqual([{ index: 1, score: ranking[0].score }]);
    });

    test("has the license and the source of the checkpoint", () => {
      expect(model.info().model).toMatchObject({
        name: "all-MiniLM-L6-v2", dims: 384, maxTokens: 256, precision, license: "apache-2.0",
        sourceSha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
      });
    });
  });
});

const describeInt8 = existsSync(pathOf("int8")) ? describe : describe.skip;
describeInt8("in int8", () => {
  /** @type {import("../../js/index.js").Embedder} */
  let model;
  beforeAll(async () => void (model = await load(pathOf("int8"))));
  afterAll(() => model.dispose());

  test("a text has the same bits alone, in batches, in any order and with threads", async () => {
    const texts = Array.from({ length: 60 }, (_, i) => `${i} ${sentences[i % 2]} `.repeat(1 + (i * 7) % 23));
    const together = await model.embed(texts);
    const reversed = await model.embed([...texts].reverse());
    const threaded = await load(pathOf("int8"), { variant: "simd-threads", threads: 2 });
    expect((await threaded.embed(texts)).data).toEqual(together.data);
    threaded.dispose();
    for (let i = 0; i < texts.length; ++i) {
      expect(reversed[texts.length - 1 - i]).toEqual(together[i]);
      if (i % 5 === 0) expect((await model.embed(texts[i]))[0]).toEqual(together[i]);
    }
  });

  test("2,000 embeds leave the heap as it is", async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `${query} ${"very ".repeat(i * 3)}much`);
    for (const text of texts) await model.embed(text);
    const before = model.info().heapBytes;
    for (let i = 0; i < 2000; ++i) await model.embed(texts[i % 3]);
    expect(model.info().heapBytes).toBe(before);
  });

  test("memory too small for the model is an error, and a load with enough works", async () => {
    await expect(load(pathOf("int8"), { _maxMemoryBytes: 24 << 20 })).rejects.toMatchObject({ code: "out_of_memory" });
    const loaded = await load(pathOf("int8"), { _maxMemoryBytes: 64 << 20 });
    expect(await loaded.rank(query, sentences)).toEqual(await model.rank(query, sentences));
    loaded.dispose();
  });

  test("the token ids of 10,000 strings are the reference's", async () => {
    const { strings, entries } = await readTokenIds();
    expect(entries.length).toBe(strings);
    expect(strings).toBeGreaterThanOrEqual(10_000);
    const wrong = [];
    for (const [text, ids, offsets] of entries) {
      const tokens = await model.tokenize(text);
      const sameOffsets = offsets === undefined || String(tokens.offsets) === String(offsets);
      if (String(tokens.ids) !== String(ids) || !sameOffsets) wrong.push({ text, ids, offsets, tokens });
    }
    expect(wrong.slice(0, 3)).toEqual([]);
  });
});
