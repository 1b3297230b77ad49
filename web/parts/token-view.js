// SPDX-License-Identifier: Apache-2.0
// The pieces that a model makes of a sentence, each with its id: pieces of one
// word in one colour, special tokens and unknown ones marked.

import { create } from "./dom.js";

/** BERT's tokens that stand for no text of their own. */
const specialNames = new Map([[100, "[UNK]"], [101, "[CLS]"], [102, "[SEP]"]]);
const unknownId = 100;
const colours = 5;

/**
 * @typedef {object} Piece
 * @property {string} text
 * @property {number} id
 * @property {"special" | "unknown" | "word"} kind
 * @property {boolean} continues the word of the piece before
 * @property {number} word counts up
 */

/**
 * @param {string} text
 * @param {{ ids: readonly number[], offsets: readonly (readonly [number, number])[] }} tokens
 * @returns {Piece[]}
 */
export function piecesOf(text, { ids, offsets }) {
  let [word, lastEnd] = [-1, -1];
  return ids.map((id, i) => {
    const [begin, end] = offsets[i];
    if (begin === end) {
      return { text: specialNames.get(id) ?? "[special]", id, kind: "special", continues: false, word: 0 };
    }
    // Punctuation touches a word without being part of it.
    const isLetter = (/** @type {string} */ unit) => /[\p{L}\p{N}\p{M}]/u.test(unit);
    const continues = begin === lastEnd && isLetter(text.slice(begin, end)) && isLetter(text[begin - 1]);
    if (!continues) word += 1;
    lastEnd = end;
    const kind = id === unknownId ? "unknown" : "word";
    return { text: text.slice(begin, end), id, kind, continues, word };
  });
}

/**
 * @param {HTMLElement} list
 * @param {readonly Piece[]} pieces
 */
export function showPieces(list, pieces) {
  list.replaceChildren(...pieces.map(({ text, id, kind, continues, word }) => {
    const classes = ["token", kind, kind === "word" && `colour-${word % colours}`, continues && "continues"];
    return create("li", { class: classes.filter(Boolean).join(" ") },
      create("span", { class: "piece", dir: "auto" }, text),
      create("span", { class: "id" }, String(id)));
  }));
}
