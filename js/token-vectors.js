// SPDX-License-Identifier: Apache-2.0
// `embedTokens`: a vector for each token of a text, which is that of the word as it is
// meant there. Fetched with the first call for it; what it shares with other files is
// handed to it, since an import would make one more file for every page.

/** @typedef {import("./core-tasks.js").TokensPiece} TokensPiece */

/**
 * @typedef {object} EmbedTokensOptions
 * @property {boolean} [normalize] each vector to length 1; default: false
 * @property {AbortSignal} [signal]
 */

/**
 * @typedef {object} TextToken
 * @property {number} id
 * @property {string} text what of the text it stands for; "" for a special token
 * @property {number} begin of it in the text, in UTF-16 code units
 * @property {number} end
 * @property {boolean} isSpecial the tokenizer put it there, such as "[CLS]"
 */

/**
 * @typedef {object} TokenVectors
 * @property {TextToken[]} tokens
 * @property {Float32Array[]} vectors one for each token
 * @property {number} dims of a vector
 * @property {boolean} truncated the text was longer than the model reads, and cut
 */

/**
 * @param {import("./lasting-session.js").LastingSession} session
 * @param {readonly string[]} texts
 * @param {{ normalize: boolean, signal?: AbortSignal }} options
 * @param {typeof import("./tokenization.js").tokenization} tokenization
 * @returns {Promise<TokenVectors[]>}
 */
export async function tokenVectors(session, texts, { normalize, signal }, tokenization) {
  /** @type {TokenVectors[]} */
  const results = [];
  await session.embed(texts, { task: "tokens", normalize }, {
    signal,
    onPiece: (/** @type {TokensPiece} */ piece) => {
      const { first, count, usage, tokens, added, vectors } = piece;
      const dims = vectors.length / (tokens.length / 3);
      for (let i = 0, begin = 0; i < count; ++i) {
        const [own, full] = usage.subarray(2 * i, 2 * i + 2);
        const end = begin + own;
        const text = texts[first + i];
        const { ids, offsets } = tokenization(text, tokens.subarray(begin * 3, end * 3), false);
        results[first + i] = {
          tokens: ids.map((id, t) => textToken(text, id, offsets[t],
            t < added[0] || t >= own - added[1])),
          vectors: ids.map((_, t) => vectors.subarray((begin + t) * dims, (begin + t + 1) * dims)),
          dims,
          truncated: full > own,
        };
        begin = end;
      }
    },
  });
  return results;
}

/**
 * @param {string} text
 * @param {number} id
 * @param {[number, number]} offsets
 * @param {boolean} isSpecial
 * @returns {TextToken}
 */
function textToken(text, id, [begin, end], isSpecial) {
  return { id, text: text.slice(begin, end), begin, end, isSpecial };
}
