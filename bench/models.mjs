// SPDX-License-Identifier: Apache-2.0
// BERT shapes beside MiniLM's: whether a layer of each is as fast for what it computes.

import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { convertedCheckpoint } from "../tools/eval/model-quality.mjs";
import { setUpCheckpoints } from "../tools/setup/checkpoints.mjs";
import { modelSource } from "../tools/setup/models.mjs";
import { byKey, figure, rounded } from "../web/bench/measure/summary.js";
import { callInEmptyPage, eachLoad } from "./bench-page.mjs";

const baseline = "all-minilm-l6-v2";
const names = [baseline, "bge-small-en-v1.5", "all-mpnet-base-v2"];

/** Brings and converts the models; returns each one's file and shape. */
export async function setUpShapes() {
  await setUpCheckpoints(names.filter((name) => name !== baseline));
  return Promise.all(names.map(async (name) => {
    const config = JSON.parse(await readFile(join(modelSource(name), "config.json"), "utf8"));
    return {
      name,
      file: await convertedCheckpoint(name, "int8, not calibrated"),
      layers: config.num_hidden_layers,
      // Multiplications and additions of one layer's products for one token.
      operations: 2 * (4 * config.hidden_size ** 2 + 2 * config.hidden_size * config.intermediate_size),
    };
  }));
}

/**
 * @param {Awaited<ReturnType<typeof setUpShapes>>} shapes
 * @param {import("./peer-setup.mjs").Peers} peers
 * @param {import("./measure.mjs").Options} options
 * @param {(line: string) => void} tell
 */
export async function measureShapes(shapes, peers, options, tell) {
  const serving = { isolated: true, folders: { "/converted/": dirname(shapes[0].file) } };
  const urls = Object.fromEntries(shapes.map(({ name, file }) => [name, `/converted/${basename(file)}`]));
  const found = await eachLoad(peers, options, { title: "models", serving }, tell, (browser, server) =>
    callInEmptyPage(browser, server,
      { module: "/bench/measure/models.js", name: "measureModels", args: [urls, options.lengths, options.runs] }));
  return Object.fromEntries(Object.entries(byKey(found, (of) => byKey(of, figure))).map(([tokens, times]) =>
    [tokens, Object.fromEntries(shapes.map((shape) => [shape.name, perLayer(shape, Number(tokens), times[shape.name])]))]));
}

/** What the figure is for one token and layer, and as a rate. */
function perLayer({ layers, operations }, tokens, time) {
  const seconds = time.median / 1000 / tokens / layers;
  return { ...time, microseconds: rounded(seconds * 1e6), gops: rounded(operations / seconds / 1e9) };
}
