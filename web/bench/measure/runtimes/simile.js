// SPDX-License-Identifier: Apache-2.0
// Simile as its users run it.

import { load } from "../../../simile/index.js";

const model = new URL("../../../models/all-minilm-l6-v2.int8.simile", import.meta.url).href;

/**
 * @param {string} name
 * @param {import("./index.js").OpenOptions} options
 * @returns {Promise<import("./index.js").Runtime>}
 */
export async function open(name, options) {
  const embedder = await load(model, loadOptions(name, options));
  return {
    embed: (inputs) => embedder.embed(inputs.map(({ text }) => text)),
    tokenize: async (text) => (await embedder.tokenize(text)).ids,
    info: () => embedder.info(),
    heapBytes: () => embedder.info().memoryPeakBytes,
    dispose: () => embedder.dispose(),
  };
}

/**
 * @param {string} name
 * @param {import("./index.js").OpenOptions} options
 * @returns {any} those of `load`; without a variant it takes the best that there is
 */
function loadOptions(name, { threads, worker }) {
  if (name === "simile-worker") return { workers: 1 };
  if (name === "simile-workers") return {};
  const isPlain = name === "simile-simd";
  return { threads, worker, ...(isPlain && { variant: (threads ?? 1) > 1 ? "simd-threads" : "simd" }) };
}
