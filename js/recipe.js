// SPDX-License-Identifier: Apache-2.0
// What a Simile file says of its model (src/model/model_config.cc writes it), in
// the package's words.

/**
 * @typedef {object} ModelRecipe
 * @property {string} name
 * @property {number} dims of a vector
 * @property {number} maxTokens that are read of a text, special tokens included
 * @property {boolean} normalize vectors have length 1 unless asked otherwise
 * @property {string} pooling as sentence-transformers names it: "mean", "cls", "lasttoken" …
 * @property {Record<string, string>} prompts by name
 * @property {string} defaultPrompt the name of the one that is used where none is asked for, or ""
 * @property {number} labels scores of a pair, of a cross-encoder; 0: the model embeds
 * @property {"int8" | "f32"} precision of the weights
 * @property {string} calibration "none", or how the weights were rounded
 * @property {string} license
 * @property {string} source
 * @property {string} sourceSha256 of the checkpoint's model.safetensors
 * @property {string} vectorSpace equal only where vectors compare
 */

/**
 * @param {any} config as the module gives it
 * @returns {ModelRecipe}
 */
export function modelRecipe({ recipe, weights, ...config }) {
  return {
    name: config.name,
    dims: config.dims,
    maxTokens: recipe.max_tokens,
    normalize: recipe.normalize,
    pooling: recipe.pooling,
    prompts: recipe.prompts,
    defaultPrompt: recipe.default_prompt ?? "",
    labels: recipe.classifier?.labels ?? 0,
    precision: weights.precision,
    calibration: weights.calibration,
    license: config.license,
    source: config.source,
    sourceSha256: config.source_sha256,
    vectorSpace: config.vector_space,
  };
}
