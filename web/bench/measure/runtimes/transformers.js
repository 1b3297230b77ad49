// SPDX-License-Identifier: Apache-2.0
// transformers.js as its documentation shows it for sentence embeddings, on the
// WebAssembly device, with files of this site alone.

import { trackMemories } from "../memory.js";
import { peersUrl } from "./index.js";

const dtypes = { "transformers-int8": "q8", "transformers-f32": "fp32" };

/**
 * @param {string} name
 * @param {import("./index.js").OpenOptions} options
 * @returns {Promise<import("./index.js").Runtime>}
 */
export async function open(name, { threads }) {
  const heapBytes = trackMemories("transformers");
  const { env, pipeline } = await import(new URL("transformers/transformers.min.js", peersUrl).href);
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  // A path: of a whole URL it does not find the tokenizer.
  env.localModelPath = new URL("models/", peersUrl).pathname;
  env.useWasmCache = false; // which would run the glue from a blob
  env.backends.onnx.wasm.wasmPaths = new URL("transformers-ort/", peersUrl).href;
  if (threads !== undefined) env.backends.onnx.wasm.numThreads = threads;
  const extract = await pipeline("feature-extraction", "all-minilm-l6-v2", { device: "wasm", dtype: dtypes[name] });
  return {
    async embed(inputs) {
      const texts = inputs.map(({ text }) => text);
      const { data, dims: [count, dims] } = await extract(texts, { pooling: "mean", normalize: true });
      return Array.from({ length: count }, (_, i) => data.subarray(i * dims, (i + 1) * dims));
    },
    heapBytes,
    dispose: () => extract.dispose(),
  };
}
