// SPDX-License-Identifier: Apache-2.0
// `npm run eval -- --data FOLDER`: how good the built models are at a task, beside
// what the reference implementation gets. Their exactness, which says more about
// quantisation, is tests/js/quality.test.js.

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";

import { load } from "../../js/index.js";
import { convertedModel } from "../site.mjs";
import { evaluatePairs, readPairs, REFERENCE, TOLERANCE } from "./sts-benchmark.mjs";

const USAGE = `Usage: npm run eval -- --data FOLDER [--model FILE]…
  --data   holds stsbenchmark/sts-test.csv and sts-dev.csv
  --model  a Simile file; default: all-minilm-l6-v2 in int8 and f32 from dist/models`;

const COLUMNS = ["model", "weights", "set", "pairs", "Spearman x100", "reference", "difference"];

/** One row of the table, and whether it is within the tolerance. */
async function evaluate(file, splits) {
  const model = await load(file);
  const { precision } = model.info().model;
  const results = [];
  for (const { split, pairs } of splits) {
    const mark = await evaluatePairs(model, pairs);
    const difference = mark - REFERENCE[split];
    results.push({
      row: [basename(file), precision, `STSB ${split}`, String(pairs.scores.length),
            mark.toFixed(3), REFERENCE[split].toFixed(3), difference.toFixed(3)],
      // The stated tolerance is for the test set.
      ok: split !== "test" || Math.abs(difference) <= TOLERANCE[precision],
    });
  }
  model.dispose();
  return results;
}

/** @param {string[][]} rows */
function printTable(rows) {
  const widths = COLUMNS.map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  /** Numbers stand to the right. */
  const pad = (/** @type {string} */ cell, /** @type {number} */ c) =>
    c < 3 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]);
  for (const row of rows) console.log(row.map(pad).join("  "));
}

async function main() {
  const { values } = parseArgs({
    options: { data: { type: "string" }, model: { type: "string", multiple: true } },
  });
  if (values.data === undefined) throw new Error(USAGE);
  const files = values.model ??
    ["int8", "f32"].map((precision) => convertedModel("all-minilm-l6-v2", precision));

  const splits = [];
  for (const split of /** @type {const} */ (["test", "dev"])) {
    const path = join(values.data, "stsbenchmark", `sts-${split}.csv`);
    if (existsSync(path)) splits.push({ split, pairs: await readPairs(values.data, split) });
    else console.log(`skipped STSB ${split}: no file ${path}`);
  }

  const results = [];
  for (const file of files) {
    if (existsSync(file)) results.push(...(await evaluate(file, splits)));
    else console.log(`skipped ${basename(file)}: no file ${file} (npm run demo makes it)`);
  }
  if (results.length === 0) throw new Error("nothing was evaluated");
  printTable([COLUMNS, ...results.map((result) => result.row)]);
  const failed = results.filter((result) => !result.ok).length;
  console.log(`allowed on STSB test: f32 ±${TOLERANCE.f32}, int8 ±${TOLERANCE.int8}: ` +
              (failed === 0 ? "kept" : `${failed} of ${results.length} outside`));
  if (failed > 0) process.exitCode = 1;
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
