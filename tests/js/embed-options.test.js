// SPDX-License-Identifier: Apache-2.0
// dims, precision, overflow and the stream, on the real module with a checkpoint
// of a few kilobytes that reads 48 tokens.

import { Embeddings, load } from "../../js/index.js";
import { checkLengths } from "../../js/overflow.js";
import { checkpoint, convert, expectError, removeCheckpoints, texts } from "./tiny-model.js";

/** @type {Uint8Array} a Simile file */
let file;
/** @type {import("../../js/index.js").Embedder} */
let model;
/** @type {import("../../js/index.js").Embeddings} */
let full;

beforeAll(async () => {
  file = await convert(await checkpoint());
  model = await load(file);
  full = await model.embed(texts);
});

afterAll(async () => {
  model.dispose();
  await removeCheckpoints();
});

/** `words` words of one token each. @param {number} words */
const textOf = (words) => Array.from({ length: words }, (_, i) => ["cat", "dog", "the"][(i * i + words) % 3]).join(" ");

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function cosine(a, b) {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; ++i) {
    dot += a[i] * b[i];
    aa += a[i] ** 2;
    bb += b[i] ** 2;
  }
  return dot / Math.sqrt(aa * bb);
}

/** Numbers that vectors stand for. @param {Embeddings<any>} embeddings */
function valuesOf({ precision, dims, scales, ...rest }) {
  return Array.from({ ...rest, length: Object.keys(rest).length }, (vector, i) => {
    if (precision === "int8") return Array.from(vector, (/** @type {number} */ q) => q * (scales?.[i] ?? 0));
    if (precision === "float32") return [...vector];
    return Array.from({ length: dims }, (_, d) => (vector[d >> 3] & (0x80 >> (d & 7)) ? 1 : -1));
  });
}

describe("dims", () => {
  test.each([1, 7, 31, 32])("%i keep the first dimensions, at length 1", async (dims) => {
    const cut = await model.embed(texts, { dims });
    expect([cut.dims, cut.count]).toEqual([dims, texts.length]);
    cut.forEach((vector, i) => {
      const start = full[i].slice(0, dims);
      const length = dims === 32 ? 1 : Math.hypot(...start);
      expect(vector).toHaveLength(dims);
      vector.forEach((value, d) => expect(value).toBeCloseTo(start[d] / length, 5));
    });
  });

  test("stay as they are without normalize", async () => {
    const raw = await model.embed(texts, { normalize: false });
    const cut = await model.embed(texts, { normalize: false, dims: 5 });
    cut.forEach((vector, i) => expect(vector).toEqual(raw[i].slice(0, 5)));
  });
});

describe.each([["int8", "Int8Array", 13], ["binary", "Uint8Array", 2]])("precision %s", (name, type, bytes) => {
  const precision = /** @type {"int8" | "binary"} */ (name);

  test("gives each vector its bytes, the same in any batch", async () => {
    const many = Array.from({ length: 100 }, (_, i) => texts[i % texts.length]);
    const together = await model.embed(many, { precision, dims: 13 });
    expect([together.precision, together.dims, together.count]).toEqual([precision, 13, 100]);
    expect(together.data.constructor.name).toBe(type);
    for (const [i, text] of texts.entries()) {
      const alone = await model.embed(text, { precision, dims: 13 });
      expect(alone[0]).toHaveLength(bytes);
      expect(together[i + 60]).toEqual(alone[0]);
      expect(together.scales?.[i + 60]).toBe(alone.scales?.[0]);
    }
  });

  test("stands for the float32 vectors", async () => {
    const values = valuesOf(await model.embed(texts, { precision }));
    full.forEach((vector, i) => {
      if (precision === "int8") expect(cosine(values[i], vector)).toBeGreaterThan(0.9999);
      else expect(values[i]).toEqual(Array.from(vector, (value) => (value > 0 ? 1 : -1)));
    });
  });

  test("scores are those of the values", async () => {
    const embeddings = await model.embed(texts, { precision, dims: 29 });
    const values = valuesOf(embeddings);
    const matrix = await model.similarity(embeddings, embeddings);
    for (let i = 0; i < texts.length; ++i) {
      for (let j = 0; j < texts.length; ++j) {
        expect(matrix.at(i, j)).toBeCloseTo(cosine(values[i], values[j]), 6);
      }
    }
    const ranked = await model.rank(texts[1], embeddings);
    expect(ranked[0]).toEqual({ index: 1, score: 1 });
    const row = Array.from(texts, (_, index) => ({ index, score: matrix.at(1, index) }));
    expect(ranked).toEqual(row.sort((a, b) => b.score - a.score || a.index - b.index));
    const best = await model.rank(texts[1], embeddings, { topK: 3, minScore: ranked[1].score });
    expect(best).toEqual(ranked.slice(0, 3).filter(({ score }) => score >= ranked[1].score));
  });
});

describe("spaces, dims and precisions", () => {
  test("do not compare with others, and both are named", async () => {
    const int8 = await model.embed(texts, { precision: "int8" });
    const cut = await model.embed(texts, { dims: 4 });
    await expectError(model.similarity(full, int8), "invalid_argument", /b: .*32 dimensions in int8 .*of a, of 32 dimensions in float32/);
    await expectError(model.rank(await model.embed("cat"), cut), "invalid_argument", /query: .*32 dimensions.*documents, of 4/);
    await expectError(model.rank(full[0], int8), "invalid_argument", /query: float32 numbers .*32 dimensions in int8/);
    await expectError(model.rank(full[0], cut), "invalid_argument", /query: expected 4 numbers, got 32/);
    const foreign = new Embeddings({ data: full.data, dims: 32, space: "elsewhere" });
    await expectError(model.similarity("cat", foreign), "invalid_argument", new RegExp(`elsewhere.*${full.space}`));
  });

  test("survive being stored", async () => {
    const { data, dims, space, precision, scales, usage } = await model.embed(texts, { precision: "int8" });
    const restored = new Embeddings(structuredClone({ data, dims, space, precision, scales, usage }));
    expect(await model.rank("cat", restored)).toEqual(await model.rank("cat", await model.embed(texts, { precision })));
    expect(restored.usage).toEqual(usage);
  });

  test.each([
    [{ dims: 0 }, /dims: .*got 0/], [{ dims: 5 }, /whole float32 vectors of 5/], [{ space: 1 }, /space/],
    [{ precision: "int8" }, /whole int8/], [{ precision: "int4" }, /precision: .*'int4'/],
    [{ data: [1, 2] }, /data/], [{ usage: [] , vectors: 1 }, /'vectors'/], [{ usage: [{}] }, /usage: expected 3, got 1/],
    [{ data: new Int8Array(12), precision: "int8", scales: new Float32Array(2) }, /scales: expected 3, got 2/],
  ])("parts %j are refused", async (wrong, message) => {
    const parts = /** @type {any} */ ({ data: new Float32Array(12), dims: 4, space: "s", ...wrong });
    await expectError((async () => new Embeddings(parts))(), "invalid_argument", message);
  });
});

describe("overflow", () => {
  test("'mean-chunks' embeds all of a text: the mean of its pieces, weighted by their tokens", async () => {
    const words = textOf(110).split(" ");
    const pieces = [words.slice(0, 46), words.slice(46, 92), words.slice(92)];
    const vectors = await model.embed(pieces.map((piece) => piece.join(" ")), { normalize: false });
    const expected = Array.from({ length: 32 }, (_, d) =>
      vectors.reduce((sum, vector, i) => sum + vector[d] * (pieces[i].length + 2), 0));
    const whole = await model.embed(words.join(" "), { overflow: "mean-chunks" });
    expect(whole.usage).toEqual([{ tokens: 116, fullTokens: 112, truncated: false }]);
    expect(Math.hypot(...whole[0])).toBeCloseTo(1, 5);
    expect(cosine(whole[0], expected)).toBeCloseTo(1, 6);
  });

  test("'mean-chunks' gives the same bits in any batch, and short texts their own", async () => {
    const many = Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? textOf(40 + 20 * i) : texts[i % texts.length]));
    const together = await model.embed(many, { overflow: "mean-chunks" });
    const plain = await model.embed(many);
    for (const [i, text] of many.entries()) {
      expect((await model.embed(text, { overflow: "mean-chunks" }))[0]).toEqual(together[i]);
      if (!plain.usage[i].truncated) expect(together[i]).toEqual(plain[i]);
    }
  });

  test("'mean-chunks' lets a query go ahead and can be aborted within one text", async () => {
    const controller = new AbortController();
    /** @type {string[]} */
    const order = [];
    const bulk = model.embed([textOf(200_000)], { overflow: "mean-chunks", signal: controller.signal })
      .catch((error) => order.push(error));
    const query = model.embed("cat").then(() => order.push("query"));
    await query;
    controller.abort("enough");
    await bulk;
    expect(order).toEqual(["query", "enough"]);
    expect((await model.embed(texts)).data).toEqual(full.data);
  });

  test("'error' names the first text that is too long, before anything is computed", async () => {
    let calls = 0;
    const many = [...Array(100).fill("cat"), textOf(47), textOf(90)];
    const error = await expectError(model.embed(many, { overflow: "error", onProgress: () => ++calls }),
      "invalid_argument", /texts\[100\] has 49 tokens, and the model reads 48/);
    expect([error.index, calls]).toEqual([100, 0]);
    expect((await model.embed([textOf(46)], { overflow: "error" })).usage[0].tokens).toBe(48);
  });

  test("'error' counts no text that cannot be too long", async () => {
    const fits = ["cat", textOf(10), "é".repeat(15), "x".repeat(46)];
    const doubtful = ["é".repeat(16), "x".repeat(47), "y".repeat(100)];
    /** @type {string[]} */
    const counted = [];
    const session = /** @type {any} */ ({
      info: { config: { recipe: { max_tokens: 48 } } },
      countTokens: async (/** @type {string[]} */ some) => {
        counted.push(...some);
        return Uint32Array.from(some, (text) => (text.startsWith("y") ? 49 : 48));
      },
    });
    const mixed = [doubtful[0], ...fits, doubtful[1], "cat", doubtful[2]];
    const error = await expectError(checkLengths(session, mixed, { overflow: "error" }, { first: 10 }),
      "invalid_argument", /texts\[17\] has 49 tokens/);
    expect(error.index).toBe(17);
    expect(counted).toEqual(doubtful);
  });
});

describe("embedStream", () => {
  test("gives what embed gives, in order", async () => {
    const many = Array.from({ length: 75 }, (_, i) => texts[i % texts.length]);
    for (const precision of /** @type {const} */ (["float32", "int8", "binary"])) {
      const expected = await model.embed(many, { precision });
      let next = 0;
      for await (const { index, vector, scale, usage } of model.embedStream(many, { precision })) {
        expect(index).toBe(next++);
        expect([vector, scale, usage]).toEqual([expected[index], expected.scales?.[index], expected.usage[index]]);
      }
      expect(next).toBe(75);
    }
    expect(await model.embedStream([]).next()).toEqual({ done: true, value: undefined });
  });

  test("computes as it is pulled, and nothing after return", async () => {
    // The text that is too long is an error once its window is reached, not before.
    const stream = model.embedStream([...Array(70).fill("cat"), textOf(90)], { overflow: "error" });
    for (let i = 0; i < 60; ++i) expect((await stream.next()).value).toMatchObject({ index: i });
    expect((await stream.return()).done).toBe(true);
    expect((await stream.next()).done).toBe(true);
  });

  test("hands over what there is before an abort or an error", async () => {
    const controller = new AbortController();
    /** @type {number[]} */
    const seen = [];
    const aborted = (async () => {
      for await (const { index } of model.embedStream(Array(300).fill("cat"), { signal: controller.signal })) {
        seen.push(index);
        if (index === 40) controller.abort("enough");
      }
    })();
    await expect(aborted).rejects.toBe("enough");
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => i));
    expect(seen.length).toBeGreaterThan(40);
    expect(seen.length).toBeLessThan(300);

    const many = [...Array(70).fill("cat"), textOf(90), "cat"];
    let count = 0;
    const failed = (async () => {
      for await (const { index } of model.embedStream(many, { overflow: "error" })) expect(index).toBe(count++);
    })();
    const error = await expectError(failed, "invalid_argument", /texts\[70\]/);
    expect([error.index, count]).toEqual([70, 64]);
  });

  test("checks its options at once", () => {
    expect(() => model.embedStream("a", /** @type {any} */ ({ onProgress: () => {} }))).toThrow(/'onProgress'/);
    expect(() => model.embedStream(/** @type {any} */ (5))).toThrow(/texts/);
  });
});

test("a worker gives the same of everything", async () => {
  const worker = await load(file, { worker: true });
  const many = [...texts, textOf(300), textOf(30)];
  for (const options of /** @type {const} */ ([
    {}, { dims: 9 }, { precision: "int8" }, { precision: "binary", dims: 11 }, { overflow: "mean-chunks", precision: "int8" },
  ])) {
    const here = await model.embed(many, options);
    const there = await worker.embed(many, options);
    expect([there.data, there.scales, there.usage, there.dims]).toEqual([here.data, here.scales, here.usage, here.dims]);
    expect(await worker.rank("cat", there)).toEqual(await model.rank("cat", here));
    expect((await worker.similarity(there, there)).data).toEqual((await model.similarity(here, here)).data);
  }
  const error = await expectError(worker.embed(many, { overflow: "error" }), "invalid_argument", /texts\[6\]/);
  expect(error.index).toBe(6);
  let count = 0;
  for await (const { index } of worker.embedStream(many)) expect(index).toBe(count++);
  expect(count).toBe(many.length);
  worker.dispose();
});

test.each([
  [{ dims: 33 }, /dims: .*1 to 32, got 33/], [{ dims: 1.5 }, /dims/], [{ precision: "float16" }, /'float32' or 'int8' or 'binary', got 'float16'/],
  [{ overflow: "cut" }, /overflow: .*'cut'/], [{ normalize: 1 }, /normalize/], [{ onProgress: 1 }, /onProgress/], [{ dim: 1 }, /'dim'/],
])("options %j are refused", async (options, message) => {
  await expectError(model.embed("cat", /** @type {any} */ (options)), "invalid_argument", message);
});
