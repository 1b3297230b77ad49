// SPDX-License-Identifier: Apache-2.0
// Lines in, lines out, in bounded memory however long the input is.

import { once } from "node:events";

/** Longer lines are not kept; no text of use is near it. */
export const maxLineBytes = 16 << 20;

/**
 * @typedef {object} Line
 * @property {number} number from 1
 * @property {string} [text]
 * @property {string} [problem] why there is no text
 */

/**
 * @param {AsyncIterable<Uint8Array>} stream
 * @param {number} [maxBytes] of a line
 * @returns {AsyncGenerator<Line[]>} the lines that each chunk of the stream
 *   completes, so that who waits for an answer gets it
 */
export async function* readLines(stream, maxBytes = maxLineBytes) {
  /** @type {Uint8Array[]} of the line that has not ended */
  let pieces = [];
  let bytes = 0;
  let number = 0;
  /** @param {Uint8Array} piece */
  const keep = (piece) => {
    bytes += piece.length;
    if (bytes <= maxBytes) pieces.push(piece);
    else pieces = [];
  };
  const endLine = () => {
    number += 1;
    const line = bytes > maxBytes ? { number, problem: `it is longer than ${maxBytes} bytes` }
      : { number, ...decode(Buffer.concat(pieces)) };
    pieces = [];
    bytes = 0;
    return line;
  };
  for await (const chunk of stream) {
    const lines = [];
    let begin = 0;
    for (let end; (end = chunk.indexOf(0x0a, begin)) !== -1; begin = end + 1) {
      keep(chunk.subarray(begin, end));
      lines.push(endLine());
    }
    if (begin < chunk.length) keep(chunk.subarray(begin));
    if (lines.length > 0) yield lines;
  }
  if (bytes > 0) yield [endLine()];
}

/** @param {Uint8Array} bytes @returns {{ text: string } | { problem: string }} */
function decode(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { text: text.endsWith("\r") ? text.slice(0, -1) : text };
  } catch {
    return { problem: "it is not UTF-8" };
  }
}

/**
 * Writes and, if the reader is slower, waits for it.
 * @param {string | Uint8Array} data
 */
export async function write(data) {
  if (!process.stdout.write(data)) await once(process.stdout, "drain");
}
