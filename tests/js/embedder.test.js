// SPDX-License-Identifier: Apache-2.0
// What a loaded model does, on the real module with a checkpoint of a few
// kilobytes.

import { readFile } from "node:fs/promises";
import { load, Embeddings } from "../../js/index.js";
import { weights } from "./tiny-checkpoint.js";
import { checkpoint, convert, expectError, removeCheckpoints, texts } from "./tiny-model.js";

/** @type {Uint8Array} a Simile file */
let file;
/** @type {import("../../js/index.js").Embedder} */
let model;

beforeAll(async () => {
  file = await convert(await checkpoint({ prompts: { query: "the ", document: "", other: "a " } }));
  model = await load(file);
});

afterAll(async () => {
  model.dispose();
  await removeCheckpoints();
});

describe("threads", () => {
  test.each(["simd-threads"])("%s gives the same bits with one, two and three", async (variant) => {
    const expected = (await model.embed(texts)).data;
    for (const threads of [1, 2, 3]) {
      const threaded = await load(file, { variant: /** @type {any} */ (variant), threads });
      expect(threaded.info()).toMatchObject({ variant, threads });
      expect((await threaded.embed(texts)).data).toEqual(expected);
      threaded.dispose();
    }
  });
});

describe("embed", () => {
  test("gives one vector per text, of length 1", async () => {
    const embeddings = await model.embed(texts);
    expect(embeddings).toBeInstanceOf(Embeddings);
    expect([embeddings.count, embeddings.dims]).toEqual([texts.length, 32]);
    for (const vector of embeddings) {
      expect(vector.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 5);
    }
    expect((await model.embed([])).count).toBe(0);
  });

  test("a text has the same bits alone, in any batch and in any order", async () => {
    const many = Array.from({ length: 200 }, (_, i) => texts[i % texts.length]);
    const together = await model.embed(many);
    const reversed = await model.embed([...many].reverse());
    for (const [i, text] of texts.entries()) {
      const alone = (await model.embed(text))[0];
      expect(together[i + 60]).toEqual(together[i]);
      expect(together[i]).toEqual(alone);
      expect(reversed[many.length - 1 - i]).toEqual(alone);
    }
  });

  test("says what was cut", async () => {
    const { usage } = await model.embed(["cat", "cat ".repeat(100)]);
    expect(usage).toEqual([
      { tokens: 3, fullTokens: 3, truncated: false },
      { tokens: 48, fullTokens: 102, truncated: true },
    ]);
  });

  test("puts a prompt before each text", async () => {
    expect((await model.embed("cat", { prompt: "query" })).data).toEqual((await model.embed("the cat")).data);
    await expectError(model.embed("cat", { prompt: "nope" }), "invalid_argument", /'nope'; it has query, document, other/);
    await expectError(model.embed("cat", { prompt: "toString" }), "invalid_argument", /toString/);
  });

  test("leaves vectors as they are if asked", async () => {
    const raw = (await model.embed("cat", { normalize: false }))[0];
    const unit = (await model.embed("cat"))[0];
    expect(await model.similarity(raw, unit)).toBeCloseTo(1, 5);
    expect(Math.hypot(...raw)).toBeGreaterThan(1.5);
  });

  test("reports progress and stops at an abort, and the next call works", async () => {
    const many = Array.from({ length: 500 }, () => "the cat sat on the mat. ".repeat(4));
    /** @type {number[]} */
    const done = [];
    await model.embed(many, { onProgress: (progress) => done.push(progress.done) });
    expect(done.length).toBeGreaterThan(5);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(500);
    const controller = new AbortController();
    const work = model.embed(many, {
      signal: controller.signal,
      onProgress: () => setImmediate(() => controller.abort()),
    });
    await expect(work).rejects.toMatchObject({ name: "AbortError" });
    expect((await model.embed("cat")).count).toBe(1);
  });

  test("calls at the same time do not disturb each other", async () => {
    const many = Array.from({ length: 300 }, (_, i) => texts[i % texts.length]);
    const results = await Promise.all([model.embed(many), model.embed(texts), model.embed([...many].reverse())]);
    const expected = await model.embed(texts);
    expect(results[1].data).toEqual(expected.data);
    expect(results[0][0]).toEqual(expected[0]);
    expect(results[2][299]).toEqual(expected[0]);
  });

  test.each([
    [5, /texts: expected a string or an array of strings, got 5/],
    [undefined, /texts/],
    [["a", 5], /texts\[1\]: expected a string, got 5/],
    [["a", null], /texts\[1\]: expected a string, got null/],
    [[["a"]], /texts\[0\]/],
  ])("refuses %j", async (value, message) => {
    const error = await expectError(model.embed(/** @type {any} */ (value)), "invalid_argument", message);
    if (Array.isArray(value)) expect(error.index).toBe(value.length - 1);
  });
});

describe("rank and similarity", () => {
  test("find the text itself, best first, ties in order", async () => {
    const documents = ["a dog", "the cat", "the cat", "mat"];
    const ranking = await model.rank("the cat", await model.embed(documents));
    expect(ranking.slice(0, 2).map(({ index }) => index)).toEqual([1, 2]);
    expect(ranking.map(({ score }) => score)).toEqual(ranking.map(({ score }) => score).sort((a, b) => b - a));
    expect(ranking[0]).not.toHaveProperty("text");
  });

  test("rank gives the texts, at most topK, none below minScore", async () => {
    const all = await model.rank("cat", texts);
    expect(all.length).toBe(texts.length);
    expect(all.every(({ index, text }) => texts[index] === text)).toBe(true);
    expect(await model.rank("cat", texts, { topK: 2 })).toEqual(all.slice(0, 2));
    expect(await model.rank("cat", texts, { topK: 1000 })).toEqual(all);
    expect(await model.rank("cat", texts, { minScore: all[2].score })).toEqual(all.slice(0, 3));
    expect(await model.rank("cat", [])).toEqual([]);
  });

  test("rank puts the model's own prompts before query and documents", async () => {
    const [byText] = await model.rank("cat", ["the cat"]);
    expect(byText.score).toBeCloseTo(1, 6); // "query" is "the ", "document" is ""
  });

  test("similarity is a number for two, a matrix for more", async () => {
    const matrix = await model.similarity(texts, ["cat", "dog", "mat"], { metric: "dot" });
    expect([matrix.rows, matrix.columns, matrix.data.length]).toEqual([6, 3, 18]);
    const [cat, dog] = await model.embed([texts[2], "dog"]);
    expect(matrix.at(2, 1)).toBeCloseTo(await model.similarity(cat, dog), 5);
    expect((await model.similarity([], texts)).data.length).toBe(0);
  });

  test.each([
    [{ topK: -1 }, /topK: expected a whole number from 1 to \d+, got -1/],
    [{ topK: 0 }, /topK/],
    [{ topK: 1.5 }, /topK/],
    [{ minScore: NaN }, /minScore/],
    [{ metric: "euclid" }, /metric: expected 'cosine' or 'dot', got 'euclid'/],
    [{ topk: 1 }, /unknown option 'topk'; known are topK/],
  ])("refuse %j, and the next call works", async (options, message) => {
    await expectError(model.rank("cat", texts, /** @type {any} */ (options)), "invalid_argument", message);
    expect((await model.rank("cat", texts)).length).toBe(texts.length);
  });

  test("refuse vectors of another space or length", async () => {
    const other = await load(await checkpoint({ weights: weights({ poison: 3 }) }));
    await expectError(model.similarity(await other.embed("cat"), texts), "invalid_argument", /space/);
    await expectError(model.rank("cat", await other.embed(texts)), "invalid_argument", /space/);
    await expectError(model.similarity(new Float32Array(31), texts), "invalid_argument", /expected 32 numbers, got 31/);
    await expectError(model.rank(await model.embed(texts), texts), "invalid_argument", /query: expected one, got 6/);
    other.dispose();
  });
});

describe("tokenize", () => {
  test("gives ids, and offsets in the text's own units", async () => {
    const text = "The cats é😀.";
    const { ids, offsets, truncated } = await model.tokenize(text);
    expect(ids[0]).toBe(2);
    expect(ids.at(-1)).toBe(3);
    expect(truncated).toBe(false);
    const pieces = offsets.map(([begin, end]) => text.slice(begin, end));
    // No lower-case "é" without its accent is in the vocabulary, so that word is unknown.
    expect(pieces).toEqual(["", "The", "cat", "s", "é😀", ".", ""]);
  });

  test("cuts where the model does, or where it is told", async () => {
    const { ids, truncated } = await model.tokenize("cat ".repeat(100));
    expect([ids.length, ids.at(-1), truncated]).toEqual([48, 3, true]);
    expect((await model.tokenize("cat ".repeat(100), { maxTokens: 5 })).ids).toEqual([2, 6, 6, 6, 3]);
    expect((await model.tokenize("cat ".repeat(100), { maxTokens: 1000 })).ids.length).toBe(102);
    await expectError(model.tokenize("cat", { maxTokens: 1 }), "invalid_argument", /maxTokens/);
    await expectError(model.tokenize(/** @type {any} */ (["cat"])), "invalid_argument", /text: expected a string/);
  });
});

describe("memory that ends", () => {
  const bounded = 24 << 20;

  test("is an error, and the next call works", async () => {
    const small = await load(file, { _maxMemoryBytes: bounded });
    await expectError(small.embed("cat ".repeat(4_000_000)), "out_of_memory", /./);
    expect((await small.embed(texts)).data).toEqual((await model.embed(texts)).data);
    small.dispose();
  });
});

describe("info and dispose", () => {
  test("info says what is loaded and how it runs", () => {
    expect(model.info()).toMatchObject({
      variant: expect.stringMatching(/^(relaxed-)?simd$/),
      variantReason: expect.any(String),
      threads: 1,
      productKernel: expect.any(String),
      memoryBytes: expect.any(Number),
      model: { name: "tiny", dims: 32, maxTokens: 48, precision: "int8", calibration: "none",
        prompts: { query: "the ", document: "", other: "a " } },
    });
    expect(model.info().heapBytes).toBeGreaterThanOrEqual(16 << 20);
  });

  test("after dispose every call says so; dispose again does nothing", async () => {
    const loaded = await load(file);
    const working = loaded.embed(Array.from({ length: 500 }, () => "the cat sat on the mat ".repeat(8)));
    loaded.dispose();
    loaded.dispose();
    await expectError(working, "disposed", /disposed/);
    await expectError(loaded.embed("cat"), "disposed", /load it again/);
    await expectError(loaded.rank("cat", texts), "disposed", /./);
    await expectError(loaded.similarity("a", "b"), "disposed", /./);
    await expectError(loaded.tokenize("cat"), "disposed", /./);
    expect(() => loaded.info()).toThrow(expect.objectContaining({ code: "disposed" }));
    expect((await model.embed("cat")).count).toBe(1);
  });

  test("importing the package touches nothing", async () => {
    const source = await readFile(new URL("../../js/index.js", import.meta.url), "utf8");
    expect(source).not.toMatch(/^import /m);
  });
});
