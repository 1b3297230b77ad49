// SPDX-License-Identifier: Apache-2.0
// `overflow: "error"`: the first text that is too long is found before any is
// embedded. Only those are counted that may be: most texts are tokenised once.

import { SimileError } from "./errors.js";
import { textWindows } from "./text-windows.js";

// What a worker tokenises between two messages: a few milliseconds' work.
const messageWindow = { maxTexts: 256, maxUnits: 1 << 16 };

/**
 * @param {Pick<import("./session.js").Session, "countTokens" | "info">} session
 * @param {readonly string[]} texts
 * @param {{ overflow: import("./embed-options.js").Overflow }} plan
 * @param {{ signal?: AbortSignal, first?: number }} control first: the index of texts[0]
 *   to its user
 */
export async function checkLengths(session, texts, { overflow }, { signal, first = 0 }) {
  if (overflow !== "error") return;
  const limit = session.info.config.recipe.max_tokens;
  const doubtful = [...texts.keys()].filter((i) => mostTokens(texts[i]) > limit);
  for (const { first: begin, texts: some } of textWindows(doubtful.map((i) => texts[i]), messageWindow)) {
    signal?.throwIfAborted();
    const counts = await session.countTokens(some);
    const found = counts.findIndex((count) => count > limit);
    if (found === -1) continue;
    const index = first + doubtful[begin + found];
    throw new SimileError("invalid_argument",
      `texts[${index}] has ${counts[found]} tokens, and the model reads ${limit}`, { index });
  }
}

/**
 * A token takes a byte of UTF-8 at least, and two are special.
 * @param {string} text
 */
function mostTokens(text) {
  const isAscii = /^[\0-\x7f]*$/.test(text);
  return text.length * (isAscii ? 1 : 3) + 2;
}
