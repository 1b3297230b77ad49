// SPDX-License-Identifier: Apache-2.0
// What is embedded: texts of a given number of tokens, and 256 texts of a help
// desk, chats, news and longer pieces, of mixed lengths.

/** @typedef {import("./runtimes/index.js").Input} Input */
/** @typedef {(text: string) => Promise<number[]>} Tokenize */

// Each is one token to BERT's vocabulary.
const words = ("the small river runs past old stone houses and under a wooden bridge where people " +
  "stand in the evening to watch birds while the sun goes down behind the hills").split(" ");

/**
 * @param {Tokenize} tokenize
 * @param {number} tokens special ones included
 * @param {number} [count] texts, each another
 * @returns {Promise<Input[]>}
 */
export async function textsOf(tokenize, tokens, count = 1) {
  return Promise.all(Array.from({ length: count }, async (_, first) => {
    const text = Array.from({ length: tokens - 2 }, (__, i) => words[(first + i) % words.length]).join(" ");
    const ids = await tokenize(text);
    if (ids.length !== tokens) throw new Error(`wanted ${tokens} tokens, got ${ids.length}`);
    return { text, ids };
  }));
}

/**
 * @param {Tokenize} tokenize
 * @param {number} [count] the first so many
 * @returns {Promise<Input[]>}
 */
export async function mixedTexts(tokenize, count = Infinity) {
  const response = await fetch(new URL("../texts.json", import.meta.url));
  /** @type {string[]} */
  const texts = (await response.json()).slice(0, count);
  return Promise.all(texts.map(async (text) => ({ text, ids: await tokenize(text) })));
}
