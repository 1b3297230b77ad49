// SPDX-License-Identifier: Apache-2.0
// What is measured, as data: Simile and its peers on the same weights. A runtime's
// code is fetched when it is opened, and no other's.

/**
 * @typedef {object} Input
 * @property {string} text
 * @property {number[]} ids its tokens, for a peer that has no tokenizer
 *
 * @typedef {object} Runtime
 * @property {(inputs: readonly Input[]) => Promise<ArrayLike<number>[]>} embed one call
 * @property {(text: string) => Promise<number[]>} [tokenize] Simile's
 * @property {() => any} [info] what it says of itself
 * @property {() => number} heapBytes of its WebAssembly memories, which never shrink
 * @property {() => unknown} dispose
 *
 * @typedef {object} OpenOptions undefined: as the runtime chooses by itself
 * @property {number} [threads]
 * @property {boolean} [worker] Simile's; peers have none unless their user makes one
 */

const simile = () => import("./simile.js");
const onnxruntime = () => import("./onnxruntime.js");
const transformers = () => import("./transformers.js");

/** @type {Record<string, { label: string, isPeer: boolean, weights: string, import: () => Promise<any> }>} */
export const runtimes = {
  "simile": { label: "Simile", isPeer: false, weights: "int8", import: simile },
  "simile-simd": { label: "Simile, plain SIMD", isPeer: false, weights: "int8", import: simile },
  "simile-worker": { label: "Simile, in a worker", isPeer: false, weights: "int8", import: simile },
  "simile-workers": { label: "Simile, in several workers", isPeer: false, weights: "int8", import: simile },
  "onnxruntime-int8": { label: "onnxruntime-web, int8", isPeer: true, weights: "int8", import: onnxruntime },
  "onnxruntime-f32": { label: "onnxruntime-web, f32", isPeer: true, weights: "f32", import: onnxruntime },
  "transformers-int8": { label: "transformers.js, q8", isPeer: true, weights: "int8", import: transformers },
  "transformers-f32": { label: "transformers.js, fp32", isPeer: true, weights: "f32", import: transformers },
};

export const runtimeNames = Object.keys(runtimes);

/** Where the peers' files are, on a site that has them. */
export const peersUrl = new URL("../../peers/", import.meta.url);

/**
 * @param {string} name
 * @param {OpenOptions} options
 * @returns {Promise<Runtime>}
 */
export async function openRuntime(name, options) {
  return (await runtimes[name].import()).open(name, options);
}

/** @returns {Promise<Record<string, string>>} the peers' versions; none where the site has no peers */
export async function findPeers() {
  const response = await fetch(new URL("manifest.json", peersUrl)).catch(() => null);
  return response?.ok ? (await response.json()).versions : {};
}
