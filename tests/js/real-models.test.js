// SPDX-License-Identifier: Apache-2.0
// Real checkpoints of every architecture, converted and run by the package, against
// the reference implementation's vectors and token ids. `npm test` gets those of the
// lane `test`; the others are tested where `npm run models -- NAME` has put them.

import { stat } from "node:fs/promises";
import { afterAll, describe, expect, test } from "@jest/globals";

import { load } from "../../js/index.js";
import { conversions, convertedCheckpoint, limits, measure } from "../../tools/eval/model-quality.mjs";
import { hasCheckpoint } from "../../tools/setup/checkpoints.mjs";
import { dependencies } from "../../tools/setup/paths.mjs";
import { goldenModelNames, readModelVectors } from "../golden/read-vectors.mjs";

/**
 * What is calibrated here: the rest takes minutes, and `npm run eval:models` does it.
 */
const calibrated = ["bge-small-zh-v1.5", "paraphrase-minilm-l3-v2", "universal-sentence-encoder-lite"];

/**
 * What a model reaches without calibration that does not reach the limit.
 * @type {Record<string, { min: number, mean: number }>}
 */
const uncalibrated = { "all-mpnet-base-v2": { min: 0.993, mean: 0.998 } };

/** @param {string} name @param {string} conversion @returns {{ min: number, mean: number }} */
const limitOf = (name, conversion) =>
  conversion === "int8, not calibrated" ? uncalibrated[name] ?? limits.int8 : /** @type {any} */ (limits)[conversion];

const names = await goldenModelNames();
/** @type {string[][]} */
const rows = [];

afterAll(() => {
  for (const row of rows) process.stdout.write(`  ${row.join("  ")}\n`);
});

describe.each(names)("%s", (name) => {
  const isTested = dependencies.checkpoints.find((/** @type {any} */ entry) => entry.name === name)?.lane === "test";
  const testModel = isTested || hasCheckpoint(name) ? test : test.skip;
  const toTest = Object.keys(conversions).filter((conversion) => conversion !== "int8" || calibrated.includes(name));

  testModel.each(toTest)(`in %s is near the reference (npm run models -- ${name})`, async (conversion) => {
    if (!hasCheckpoint(name)) throw new Error(`${name} is not in the cache folder: npm run models -- ${name}`);
    const found = await measure(name, conversion);
    rows.push([name.padEnd(32), conversion.padEnd(20), found.min.toFixed(6), found.mean.toFixed(6)]);
    expect(found.sameIds).toBe(true);
    // Says which text fell short, which a bare number would not.
    const limit = limitOf(name, conversion);
    expect(found.min >= limit.min ? "" : `${found.min} for ${JSON.stringify(found.worst)}`).toBe("");
    expect(found.mean).toBeGreaterThanOrEqual(limit.mean);
  }, 300_000);

  testModel("has vectors of the length that its modules give", async () => {
    const { norms } = await readModelVectors(name);
    const found = await measure(name, "f32");
    for (const [i, norm] of (norms ?? [1, 1, 1]).entries()) {
      expect(Math.abs(found.norms[i] - norm)).toBeLessThan(1e-3 * norm);
    }
  }, 300_000);
});

const manyPieces = "multilingual-e5-small"; // 250,037 of them

(hasCheckpoint(manyPieces) ? test : test.skip)("a model of 250,000 pieces is loaded in 1.3 times its file", async () => {
  const file = await convertedCheckpoint(manyPieces, "int8, not calibrated");
  const { size } = await stat(file);
  const model = await load(file);
  const { memoryPeakBytes } = model.info();
  model.dispose();
  expect(size).toBeLessThanOrEqual(125e6);
  expect(memoryPeakBytes).toBeGreaterThan(size);
  expect(memoryPeakBytes).toBeLessThanOrEqual(1.3 * size);
}, 300_000);

test("there are goldens of every checkpoint", () => {
  expect(names).toEqual(dependencies.checkpoints.map((/** @type {any} */ entry) => entry.name).sort());
});
