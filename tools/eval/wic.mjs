// SPDX-License-Identifier: Apache-2.0
// `npm run eval:wic -- --data FOLDER [--model FILE]…`: does a word mean the same in two
// sentences? (WiC, Pilehvar and Camacho-Collados 2019.) A model's answer is whether
// the cosine of the word's two vectors is above a threshold, which is chosen on the
// training set; its mark is the accuracy on the development set.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";

import { load } from "../../js/index.js";
import { modelSource } from "../setup/models.mjs";
import { convertedCheckpoint, cosine } from "./model-quality.mjs";

const USAGE = `Usage: npm run eval:wic -- --data FOLDER [--model NAME-OR-FILE]…
  --data   holds train/ and dev/ of WiC, as distributed
  --model  a checkpoint of \`npm run models\` (in f32), or a Simile file;
           default: all-minilm-l6-v2 and bge-small-en-v1.5`;

/**
 * A word in a sentence of tokens between spaces, and where it is in it.
 * @param {string} sentence @param {number} index of the word
 */
function wordAt(sentence, index) {
  const words = sentence.split(" ");
  const begin = words.slice(0, index).join(" ").length + (index > 0 ? 1 : 0);
  return { sentence, begin, end: begin + words[index].length };
}

/** @param {string} folder @param {"train" | "dev"} split */
async function readExamples(folder, split) {
  const lines = async (/** @type {string} */ kind) =>
    (await readFile(join(folder, split, `${split}.${kind}.txt`), "utf8")).trimEnd().split("\n");
  const gold = await lines("gold");
  return (await lines("data")).map((line, i) => {
    const [, , indexes, first, second] = line.trimEnd().split("\t");
    const [a, b] = indexes.split("-").map(Number);
    return { words: [wordAt(first, a), wordAt(second, b)], isSame: gold[i].trim() === "T" };
  });
}

/** The mean of the vectors of a word's tokens. */
function wordVector({ tokens, vectors }, { sentence, begin, end }) {
  const own = vectors.filter((_, i) => tokens[i].begin < end && tokens[i].end > begin);
  if (own.length === 0) throw new Error(`no token stands for "${sentence.slice(begin, end)}" in "${sentence}"`);
  return own[0].map((_, d) => own.reduce((sum, vector) => sum + vector[d], 0) / own.length);
}

/** The cosine of each example's two words. */
async function cosinesOf(model, examples) {
  const words = examples.flatMap((example) => example.words);
  const embedded = await model.embedTokens(words.map(({ sentence }) => sentence));
  const vectors = words.map((word, i) => wordVector(embedded[i], word));
  return examples.map((_, i) => cosine(vectors[2 * i], vectors[2 * i + 1]));
}

const accuracy = (cosines, examples, threshold) =>
  examples.filter(({ isSame }, i) => (cosines[i] >= threshold) === isSame).length / examples.length;

/** The threshold with the highest accuracy, among those between two examples. */
function bestThreshold(cosines, examples) {
  const order = cosines.map((value, i) => ({ value, isSame: examples[i].isSame })).sort((a, b) => a.value - b.value);
  let right = examples.filter(({ isSame }) => isSame).length;  // all are above the lowest
  let best = { right, threshold: order[0].value };
  for (const [i, { isSame }] of order.entries()) {
    right += isSame ? -1 : 1;
    if (right > best.right && order[i + 1]) best = { right, threshold: (order[i].value + order[i + 1].value) / 2 };
  }
  return best.threshold;
}

async function main() {
  const { values } = parseArgs({ options: { data: { type: "string" }, model: { type: "string", multiple: true } } });
  if (values.data === undefined) throw new Error(USAGE);
  const [train, dev] = [await readExamples(values.data, "train"), await readExamples(values.data, "dev")];
  console.log("| model | WiC dev | WiC train | threshold |\n|---|---|---|---|");
  for (const name of values.model ?? ["all-minilm-l6-v2", "bge-small-en-v1.5"]) {
    const model = await load(existsSync(modelSource(name)) ? await convertedCheckpoint(name, "f32") : name);
    const onTrain = await cosinesOf(model, train);
    const threshold = bestThreshold(onTrain, train);
    const onDev = accuracy(await cosinesOf(model, dev), dev, threshold);
    model.dispose();
    const percent = (/** @type {number} */ value) => `${(100 * value).toFixed(1)} %`;
    console.log(`| ${basename(name)} | ${percent(onDev)} | ${percent(accuracy(onTrain, train, threshold))} | ${threshold.toFixed(3)} |`);
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
