// SPDX-License-Identifier: Apache-2.0
// What the adapters have in common: vectors as arrays of numbers with what they
// cost, and the model's own prompts for queries and documents.

/** @typedef {import("../embedder.js").Embedder} Embedder */

/**
 * @typedef {object} AdapterOptions
 * @property {string} [prompt] the name of one of the model's prompts, for every text
 * @property {boolean} [normalize] default: as the model's recipe says
 * @property {number} [dims] how many of the first dimensions; default: all
 * @property {import("../embed-options.js").Overflow} [overflow] default: "truncate"
 */

/**
 * @param {Embedder} model
 * @param {readonly string[]} texts
 * @param {AdapterOptions & { signal?: AbortSignal }} options
 */
export async function plainVectors(model, texts, options) {
  const embeddings = await model.embed(texts, options);
  return {
    vectors: Array.from(embeddings, (vector) => Array.from(vector)),
    tokens: embeddings.usage.reduce((sum, { tokens }) => sum + tokens, 0),
    usage: embeddings.usage,
  };
}

/**
 * The name, if the model has such a prompt.
 * @param {Embedder} model
 * @param {string} name
 */
export function promptIfKnown(model, name) {
  return Object.hasOwn(model.info().model.prompts, name) ? name : undefined;
}
