// SPDX-License-Identifier: Apache-2.0
// `rerank`: a cross-encoder reads the query beside each document. Slower than comparing
// vectors, and better: for the first results of a ranking. Fetched with the first call
// for it; it imports nothing, for the reason in core-tasks.js.

/** @typedef {import("./core-tasks.js").ScoresPiece} ScoresPiece */

/**
 * @typedef {object} RerankOptions
 * @property {number} [topK] how many at most; default: all
 * @property {AbortSignal} [signal]
 * @property {(progress: { done: number, total: number, fraction: number }) => void} [onProgress]
 */

/**
 * @param {import("./lasting-session.js").LastingSession} session of a cross-encoder
 * @param {string} query
 * @param {readonly string[]} texts
 * @param {RerankOptions} options checked
 * @returns {Promise<import("./embedder.js").RankedDocument[]>} best first; ties in the
 *   documents' order
 */
export async function rerank(session, query, texts, { topK, signal, onProgress }) {
  const scores = new Float32Array(texts.length);
  const total = texts.length;
  let done = 0;
  await session.embed(texts, { task: "scores", query }, {
    signal,
    onPiece: (/** @type {ScoresPiece} */ piece) => {
      scores.set(piece.scores, piece.first);
      done += piece.count;
      onProgress?.({ done, total, fraction: done / total });
    },
  });
  return texts.map((text, index) => ({ index, score: scores[index], text }))
    .sort((a, b) => b.score - a.score)
    .slice(0, topK);
}
