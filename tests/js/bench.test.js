// SPDX-License-Identifier: Apache-2.0
// The parts of the benchmark that decide what its figures mean.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { fidelity } from "../../bench/fidelity.mjs";
import { mixedTexts } from "../../bench/mixture.mjs";
import { kindOf, kinds } from "../../bench/profile-kinds.mjs";
import { load } from "../../js/index.js";
import { root } from "../../tools/setup/paths.mjs";
import { convertedModel } from "../../tools/site.mjs";
import { productOperations } from "../../web/bench/measure/ceiling.js";
import { byKey, figure, median } from "../../web/bench/measure/summary.js";

describe("the texts of mixed lengths", () => {
  const texts = readFile(join(root, "tests/golden/texts.txt"), "utf8")
    .then((golden) => mixedTexts(golden.trimEnd().split("\n")));

  test("are 256, none twice, and the same every time", async () => {
    expect(await texts).toHaveLength(256);
    const golden = (await readFile(join(root, "tests/golden/texts.txt"), "utf8")).trimEnd().split("\n");
    expect(mixedTexts(golden)).toEqual(await texts);
    // The golden texts themselves have a few twice.
    expect(new Set(await texts).size).toBeGreaterThan(250);
  });

  test("have a median of 14 tokens, a mean of 42 and at most 256", async () => {
    const model = await load(pathToFileURL(convertedModel("all-minilm-l6-v2", "int8")));
    const lengths = [];
    for (const text of await texts) lengths.push((await model.tokenize(text)).ids.length);
    model.dispose();
    expect(Math.abs(median(lengths) - 14)).toBeLessThanOrEqual(1);
    expect(Math.abs(lengths.reduce((sum, length) => sum + length) / 256 - 42)).toBeLessThanOrEqual(1);
    expect(Math.max(...lengths)).toBe(256);
  });

  test("come in an order that has nothing to do with length", async () => {
    const halves = [0, 128].map(async (first) =>
      (await texts).slice(first, first + 128).reduce((sum, text) => sum + text.length, 0));
    const [one, other] = await Promise.all(halves);
    expect(Math.max(one, other) / Math.min(one, other)).toBeLessThan(1.5);
  });
});

describe("figures", () => {
  test("are the median of the page loads' medians, and the best of all", () => {
    expect(figure([[3, 1, 2], [9, 7, 8], [5, 4, 6]])).toEqual({ median: 5, best: 1, loads: [2, 8, 5] });
    expect(figure([[1, 2], [3, 4]], Math.max)).toEqual({ median: 2.5, best: 4, loads: [1.5, 3.5] });
  });

  test("are kept of a runtime that did not run in every page load", () => {
    expect(byKey([{ a: 1, b: 2 }, { a: 3 }, { a: 5, b: 6 }], (values) => values)).toEqual({ a: [1, 3, 5], b: [2, 6] });
  });

  test("count a forward pass's products as 2 T K N each", () => {
    expect(productOperations(1)).toBe(6 * 2 * (384 * 1152 + 384 * 384 + 2 * 384 * 1536));
    expect(productOperations(128)).toBe(128 * productOperations(1));
  });
});

test("a runtime whose vectors are not the model's is not compared", () => {
  const reference = [{ vector: [1, 0] }, { vector: [0, 1] }, { vector: [1, 1] }];
  const right = [[2, 0], [0, 3], [1, 1]];
  expect(fidelity({ "simile": right, "onnxruntime-f32": right }, reference)).toEqual({ "simile": 1, "onnxruntime-f32": 1 });
  const wrong = [[2, 0], [3, 0], [1, 1]];
  expect(() => fidelity({ "onnxruntime-int8": wrong }, reference)).toThrow(/onnxruntime-int8: mean cosine/);
});

test.each([
  ["simile::Int8Gemm6x8c4Usdot(unsigned long, …)", "products"],
  ["simile::(anonymous namespace)::Numerators(float const*, …)", "softmax"],
  ["void simile::ThreadPool::For<simile::(anonymous namespace)::BertEncoderImpl::Attend(…)>", "attention"],
  ["simile::LayerNorm(float const*, …)", "LayerNorm"],
  ["simile::Vocabulary::Find(unsigned int, …)", "tokenising"],
  ["emscripten_builtin_free", "other"],
])("in a profile %s is %s", (functionName, kind) => {
  expect(kinds).toContain(kind);
  expect(kindOf({ functionName, url: "http://localhost/simile/wasm/simile-relaxed-simd.wasm" })).toBe(kind);
});

test("in a profile what is no function of the module is the border and JavaScript", () => {
  expect(kindOf({ functionName: "postMessage", url: "" })).toBe("border and JavaScript");
  expect(kindOf({ functionName: "embed", url: "http://localhost/simile/embedder.js" })).toBe("border and JavaScript");
  expect(kindOf({ functionName: "js-to-wasm:iii:i", url: "http://localhost/simile.wasm" })).toBe("border and JavaScript");
});
