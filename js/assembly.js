// SPDX-License-Identifier: Apache-2.0
// The pieces of a call put together, in whatever order they come; if an error
// ends the call, what was computed is handed over with it.

import { SimileError } from "./errors.js";
import { newVectorBlock, vectorsOf } from "./vector-block.js";

/** @typedef {import("./session.js").EmbeddedPiece} EmbeddedPiece */

/**
 * @typedef {object} Partial what was computed before an error
 * @property {import("./vector-block.js").VectorBlock["data"]} vectors of all texts;
 *   zeros where a text was not reached
 * @property {Float32Array} [scales] of int8
 * @property {Uint8Array} isDone for each text 1 if its vector is there
 * @property {number} done how many are
 */

/**
 * @template {import("./vector-block.js").Precision} P
 * @param {Pick<import("./session.js").Session, "embed">} session
 * @param {readonly string[]} texts
 * @param {import("./embed-options.js").EmbedPlan<P>} plan
 * @param {{ signal?: AbortSignal,
 *   onProgress?: (progress: { done: number, total: number, fraction: number }) => void }} control
 */
export async function embedAll(session, texts, plan, { signal, onProgress }) {
  const total = texts.length;
  const block = newVectorBlock(total, plan);
  const usage = new Uint32Array(total * 2);
  const isDone = new Uint8Array(total);
  let done = 0;
  /** @param {EmbeddedPiece} piece */
  const onPiece = ({ first, count, block: vectors, usage: counts }) => {
    const place = vectorsOf(block, first, first + count);
    place.data.set(/** @type {any} */ (vectors.data));
    if (vectors.scales) place.scales?.set(vectors.scales);
    usage.set(counts, first * 2);
    isDone.fill(1, first, first + count);
    done += count;
    onProgress?.({ done, total, fraction: done / total });
  };
  try {
    await session.embed(texts, plan, { signal, onPiece });
  } catch (error) {
    if (!(error instanceof SimileError) || done === 0) throw error;
    // An error of its own: the end of a worker rejects several calls with one.
    const { code, message, index, cause } = error;
    const own = new SimileError(code, message, { index, cause });
    own.partial = { vectors: block.data, scales: block.scales, isDone, done };
    throw own;
  }
  return { block, usage };
}
