// SPDX-License-Identifier: Apache-2.0
// What else a model in the module does with texts than to embed them: a vector for
// each token, or scores of pairs. Fetched with the first call that asks for it; it
// imports nothing, since what it shared would be one more file for every page. The
// rules at the head of core.js hold here.

/** @typedef {import("./core-model.js").CoreModel} CoreModel */

/**
 * What a session is told beside the texts; `task` tells it from an EmbedPlan.
 * @typedef {{ task: "tokens", normalize: boolean }} TokensPlan
 * @typedef {{ task: "scores", query: string }} ScoresPlan
 */

/**
 * Some of a call's texts, done.
 * @typedef {object} TokensPiece
 * @property {number} first which text is the piece's first
 * @property {number} count of texts
 * @property {Uint32Array} usage [count, 2]: tokens, and those of the whole text
 * @property {Uint32Array} tokens [T, 3]: id, begin byte, end byte
 * @property {Uint32Array} added [2]: how many of a text's first and last tokens are special
 * @property {Float32Array} vectors [T, H]
 */

/**
 * @typedef {object} ScoresPiece
 * @property {number} first
 * @property {number} count
 * @property {Uint32Array} usage of the pairs
 * @property {Float32Array} scores [count]
 */

/**
 * By their names in a plan; each does its work piece by piece, as CoreModel.embed does.
 * @type {Record<string, (model: CoreModel, texts: readonly string[], plan: any,
 *   tokenBudget: () => number) => Generator<any, void>>}
 */
export const tasks = { tokens: embedTokens, scores: scorePairs };

/**
 * @param {CoreModel} model
 * @param {readonly string[]} texts
 * @param {TokensPlan} plan
 * @returns {Generator<TokensPiece, void>}
 */
function embedTokens(model, texts, { normalize }) {
  const { core } = model;
  const hidden = model.info().config.architecture.hidden_size;
  const words = 5;
  return model.stepwise(texts, [], words * 4, ({ text, offsets, count, out, usage }) => {
    const done = core.run((status) =>
      model.handle.embedTokens(status, text, offsets, count, normalize, out, usage));
    const [tokens, ends, vectors, ...added] = core.words(out, words);
    const total = core.words(ends, done + 1)[done];
    return {
      count: done,
      tokens: core.words(tokens, total * 3).slice(),
      added: Uint32Array.from(added),
      vectors: core.floats(vectors, total * hidden).slice(),
    };
  });
}

/**
 * @param {CoreModel} model
 * @param {readonly string[]} texts
 * @param {ScoresPlan} plan
 * @param {() => number} tokenBudget
 * @returns {Generator<ScoresPiece, void>}
 */
function scorePairs(model, texts, { query }, tokenBudget) {
  const { core } = model;
  return model.stepwise(texts, [query], 4, ({ text, common, offsets, count, out, usage }) => {
    const done = core.run((status) => model.handle.scorePairs(status, text, common, offsets, count,
      tokenBudget(), out, usage));
    return { count: done, scores: core.floats(out, done).slice() };
  });
}
