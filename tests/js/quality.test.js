// SPDX-License-Identifier: Apache-2.0
// How near the engine comes to the reference implementation, judged by cosine
// over 1,000 texts: in f32, in int8, and in int8 without calibration. Needs the
// built module, dist/models and the checkpoint (tools/test.mjs sees to them).

import { beforeAll, describe, expect, test } from "@jest/globals";

import { load } from "../../js/index.js";
import { cosine } from "../../tools/eval/model-quality.mjs";
import { modelSource } from "../../tools/setup/models.mjs";
import { convertedModel } from "../../tools/site.mjs";
import { readGoldenVectors } from "../golden/read-vectors.mjs";

const modelName = "all-minilm-l6-v2";

/** @type {Awaited<ReturnType<typeof readGoldenVectors>>} */
let golden;

beforeAll(async () => {
  golden = await readGoldenVectors();
});

/**
 * Cosines to the reference: the mean, the lowest and its text; and those of the
 * first sentence with the two others, which the page shows.
 * @param {string} source
 */
async function compare(source) {
  const model = await load(source);
  const embeddings = await model.embed(golden.texts);
  const cosines = golden.vectors.map((vector, i) => cosine(embeddings[i], vector));
  const [a, b, c] = await model.embed(golden.sentences);
  model.dispose();
  const min = Math.min(...cosines);
  return {
    mean: cosines.reduce((sum, value) => sum + value, 0) / cosines.length,
    min,
    worst: golden.texts[cosines.indexOf(min)],
    sentences: [cosine(a, b), cosine(a, c)],
  };
}

/** Says which text fell short, which a bare number would not. */
function expectNear(
  /** @type {Awaited<ReturnType<typeof compare>>} */ found,
  /** @type {{ min: number, mean: number, sentences: number }} */ limits,
) {
  expect(golden.texts).toHaveLength(1000);
  const short = found.min < limits.min ? `${found.min} for ${JSON.stringify(found.worst)}` : "";
  expect(short).toBe("");
  expect(found.mean).toBeGreaterThanOrEqual(limits.mean);
  found.sentences.forEach((value, i) => {
    expect(Math.abs(value - golden.cosines[i])).toBeLessThanOrEqual(limits.sentences);
  });
}

describe("vectors of 1,000 texts against the reference implementation", () => {
  test("f32 weights give the reference's vectors", async () => {
    expectNear(await compare(convertedModel(modelName, "f32")),
      { min: 0.9999, mean: 0.9999, sentences: 0.0001 });
  }, 300_000);

  test("int8 weights with calibration lose little", async () => {
    expectNear(await compare(convertedModel(modelName, "int8")),
      { min: 0.995, mean: 0.999, sentences: 0.005 });
  }, 300_000);

  test("int8 weights without calibration lose a little more", async () => {
    // A checkpoint's folder is converted as it streams in, without calibration.
    expectNear(await compare(modelSource(modelName)),
      { min: 0.99, mean: 0.998, sentences: 0.012 });
  }, 300_000);
});
