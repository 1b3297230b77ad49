// SPDX-License-Identifier: Apache-2.0
// AI SDK: an embedding model of its provider specification, for `embed` and
// `embedMany`. Version 3 is what ai 6 and 7 both take; of version 4 it has the
// option `dimensions`, too.

import { plainVectors } from "./plain-vectors.js";

/**
 * @typedef {object} CallOptions
 * @property {string[]} values
 * @property {number} [dimensions]
 * @property {AbortSignal} [abortSignal]
 * @property {Record<string, Record<string, any>>} [providerOptions] `simile`: as
 *   `embeddingModel` takes them, for this call
 * @property {Record<string, string | undefined>} [headers] not used
 */

/**
 * @param {import("./plain-vectors.js").Embedder} model
 * @param {import("./plain-vectors.js").AdapterOptions & { maxEmbeddingsPerCall?: number }} [options]
 *   maxEmbeddingsPerCall: how `embedMany` divides its values; default: not at all,
 *   the model does that better
 */
export function embeddingModel(model, { maxEmbeddingsPerCall = Infinity, ...options } = {}) {
  return {
    specificationVersion: /** @type {const} */ ("v3"),
    provider: "simile",
    modelId: model.info().model.name,
    maxEmbeddingsPerCall,
    supportsParallelCalls: false, // nothing is gained by them

    /** @param {CallOptions} call */
    async doEmbed({ values, dimensions, abortSignal, providerOptions }) {
      const { vectors, tokens, usage } = await plainVectors(model, values, {
        ...options,
        ...(dimensions !== undefined && { dims: dimensions }),
        ...providerOptions?.simile,
        signal: abortSignal,
      });
      return { embeddings: vectors, usage: { tokens }, warnings: truncationWarnings(usage) };
    },
  };
}

/** @param {readonly import("../embeddings.js").TextUsage[]} usage */
function truncationWarnings(usage) {
  return usage.flatMap(({ tokens, fullTokens, truncated }, index) => truncated ? [{
    type: /** @type {const} */ ("other"),
    message: `values[${index}] has ${fullTokens} tokens and was cut to ${tokens}`,
  }] : []);
}
