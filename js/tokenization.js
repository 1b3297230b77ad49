// SPDX-License-Identifier: Apache-2.0
// Tokens as JavaScript sees them: the module counts bytes of UTF-8, a string
// counts UTF-16 code units.

/**
 * @typedef {object} Tokenization
 * @property {number[]} ids special tokens included
 * @property {[number, number][]} offsets for each token [begin, end) in the text's
 *   code units; [0, 0] for a special token
 * @property {boolean} truncated
 */

/**
 * @param {string} text
 * @param {Uint32Array} tokens [n, 3]: id, begin byte, end byte
 * @param {boolean} truncated
 * @returns {Tokenization}
 */
export function tokenization(text, tokens, truncated) {
  const unitOf = unitsByByte(text);
  /** @type {Tokenization} */
  const result = { ids: [], offsets: [], truncated };
  for (let i = 0; i < tokens.length; i += 3) {
    result.ids.push(tokens[i]);
    result.offsets.push([unitOf(tokens[i + 1]), unitOf(tokens[i + 2])]);
  }
  return result;
}

/**
 * @param {string} text
 * @returns {(byte: number) => number}
 */
function unitsByByte(text) {
  /** @type {number[]} the unit at which each byte's character begins */
  const units = [];
  for (let unit = 0; unit < text.length;) {
    const codePoint = /** @type {number} */ (text.codePointAt(unit));
    // A lone surrogate is written as U+FFFD, three bytes as well.
    const bytes = codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    for (let i = 0; i < bytes; ++i) units.push(unit);
    unit += bytes === 4 ? 2 : 1;
  }
  units.push(text.length);
  return (byte) => units[byte];
}
