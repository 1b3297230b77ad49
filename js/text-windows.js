// SPDX-License-Identifier: Apache-2.0
// Many texts a few at a time: at most so many of them, and, unless one alone is
// longer, so many UTF-16 code units.

/** @typedef {{ first: number, texts: readonly string[] }} TextWindow first: index of texts[0] among all */

/**
 * @param {readonly string[]} texts
 * @param {{ maxTexts: number, maxUnits: number }} limits
 * @returns {Generator<TextWindow, void>}
 */
export function* textWindows(texts, { maxTexts, maxUnits }) {
  for (let first = 0; first < texts.length;) {
    let end = first + 1;
    for (let units = texts[first].length; end < texts.length && end - first < maxTexts; ++end) {
      units += texts[end].length;
      if (units > maxUnits) break;
    }
    yield { first, texts: texts.slice(first, end) };
    first = end;
  }
}
