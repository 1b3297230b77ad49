// SPDX-License-Identifier: Apache-2.0
// onnxruntime-web as its users run it for sentence embeddings: the WebAssembly
// provider, then mean pooling and normalising in JavaScript. Tokenising is left
// out: the caller brings token ids. A batch is padded to its longest text.

import { trackMemories } from "../memory.js";
import { peersUrl } from "./index.js";

const folder = new URL("onnxruntime/", peersUrl).href;
const models = new URL("models/all-minilm-l6-v2/onnx/", peersUrl);
const files = { "onnxruntime-int8": "model_quantized.onnx", "onnxruntime-f32": "model.onnx" };

/**
 * @param {string} name
 * @param {import("./index.js").OpenOptions} options
 * @returns {Promise<import("./index.js").Runtime>}
 */
export async function open(name, { threads }) {
  const heapBytes = trackMemories("onnxruntime");
  const ort = await import(`${folder}ort.wasm.min.mjs`);
  ort.env.wasm.wasmPaths = folder;
  if (threads !== undefined) ort.env.wasm.numThreads = threads;
  const options = { executionProviders: ["wasm"], graphOptimizationLevel: "all" };
  const session = await ort.InferenceSession.create(new URL(files[name], models).href, options);
  return {
    embed: (inputs) => embed(ort, session, inputs.map(({ ids }) => ids)),
    heapBytes,
    dispose: () => session.release(),
  };
}

/**
 * @param {any} ort
 * @param {any} session
 * @param {number[][]} texts token ids
 */
async function embed(ort, session, texts) {
  const length = Math.max(...texts.map((ids) => ids.length));
  const tensor = (/** @type {(ids: number[], i: number) => number} */ value) =>
    new ort.Tensor("int64", BigInt64Array.from({ length: texts.length * length }, (_, i) =>
      BigInt(value(texts[Math.floor(i / length)], i % length))), [texts.length, length]);
  const { last_hidden_state: hidden } = await session.run({
    input_ids: tensor((ids, i) => ids[i] ?? 0),
    attention_mask: tensor((ids, i) => Number(i < ids.length)),
    token_type_ids: tensor(() => 0),
  });
  const dims = hidden.data.length / texts.length / length;
  return texts.map((ids, b) => meanNormalized(hidden.data.subarray(b * length * dims), ids.length, dims));
}

/**
 * @param {Float32Array} hidden [T, H]
 * @param {number} tokens
 * @param {number} dims
 */
function meanNormalized(hidden, tokens, dims) {
  const mean = new Float32Array(dims);
  for (let t = 0; t < tokens; ++t) {
    for (let d = 0; d < dims; ++d) mean[d] += hidden[t * dims + d];
  }
  const norm = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0));
  return mean.map((value) => value / norm);
}
