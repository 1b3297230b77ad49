// SPDX-License-Identifier: Apache-2.0
// `embedStream`: texts are embedded in small windows, one when the vectors of the
// one before have been taken, so that nothing is computed that nobody asks for.
// An abort or an error comes after all vectors that were there before it.

import { textUsage } from "./embeddings.js";
import { checkLengths } from "./overflow.js";
import { textWindows } from "./text-windows.js";
import { vectorsOf } from "./vector-block.js";

/** @typedef {import("./vector-block.js").Precision} Precision */
/** @typedef {import("./session.js").EmbeddedPiece} EmbeddedPiece */

/**
 * @template {Precision} P
 * @typedef {object} StreamedEmbedding
 * @property {number} index of the text
 * @property {import("./vector-block.js").VectorTypes[P]} vector
 * @property {number} [scale] of int8: a value is its byte times this
 * @property {import("./embeddings.js").TextUsage} usage
 */

// About what one step of the engine takes.
const stepWindow = { maxTexts: 32, maxUnits: 4096 };

/**
 * @template {Precision} P
 * @param {Pick<import("./session.js").Session, "embed" | "countTokens" | "info">} session
 * @param {readonly string[]} texts
 * @param {import("./embed-options.js").EmbedPlan<P>} plan
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<StreamedEmbedding<P>, void>}
 */
export async function* streamEmbeddings(session, texts, plan, signal) {
  for (const { first, texts: part } of textWindows(texts, stepWindow)) {
    signal?.throwIfAborted();
    /** @type {EmbeddedPiece[]} */
    const pieces = [];
    const embedding = checkLengths(session, part, plan, { signal, first }).then(() =>
      session.embed(part, plan, { signal, onPiece: (piece) => pieces.push(piece) }));
    const failure = await embedding.then(() => undefined, (error) => ({ error }));
    // Several workers finish in any order.
    pieces.sort((a, b) => a.first - b.first);
    for (const piece of pieces) yield* vectorsOfPiece(piece, first);
    if (failure) throw failure.error;
  }
}

/**
 * @template {Precision} P
 * @param {EmbeddedPiece} piece
 * @param {number} firstIndex
 * @returns {Generator<StreamedEmbedding<P>, void>}
 */
function* vectorsOfPiece({ first, count, block, usage: counts }, firstIndex) {
  const usages = textUsage(counts);
  for (let i = 0; i < count; ++i) {
    const { data, scales } = vectorsOf(block, i, i + 1);
    const vector = /** @type {import("./vector-block.js").VectorTypes[P]} */ (data);
    yield { index: firstIndex + first + i, vector, ...(scales && { scale: scales[0] }), usage: usages[i] };
  }
}
