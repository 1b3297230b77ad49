// SPDX-License-Identifier: Apache-2.0
// onnxruntime-web as its users run it for sentence embeddings: the WebAssembly
// provider, then mean pooling and normalising in JavaScript. Tokenising is left
// out: the caller brings token ids.

import * as ort from "/peer/ort.wasm.min.mjs";

export class Peer {
  #session;

  /** @param {ort.InferenceSession} session */
  constructor(session) {
    this.#session = session;
  }

  /**
   * @param {string} model URL
   * @param {number} threads
   */
  static async load(model, threads) {
    ort.env.wasm.wasmPaths = "/peer/";
    ort.env.wasm.numThreads = threads;
    const options = { executionProviders: ["wasm"], graphOptimizationLevel: "all" };
    return new Peer(await ort.InferenceSession.create(model, options));
  }

  /**
   * @param {number[]} ids of one text
   * @returns {Promise<Float32Array>} its vector
   */
  async embed(ids) {
    const shape = [1, ids.length];
    const tensor = (values) => new ort.Tensor("int64", BigInt64Array.from(values, BigInt), shape);
    const { last_hidden_state: hidden } = await this.#session.run({
      input_ids: tensor(ids),
      attention_mask: tensor(ids.map(() => 1)),
      token_type_ids: tensor(ids.map(() => 0)),
    });
    return meanNormalized(hidden.data, ids.length);
  }
}

/**
 * @param {Float32Array} hidden [T, H]
 * @param {number} tokens
 */
function meanNormalized(hidden, tokens) {
  const dims = hidden.length / tokens;
  const mean = new Float32Array(dims);
  for (let t = 0; t < tokens; ++t) {
    for (let h = 0; h < dims; ++h) mean[h] += hidden[t * dims + h];
  }
  const length = Math.hypot(...mean);
  return mean.map((x) => x / length);
}
