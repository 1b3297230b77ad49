// SPDX-License-Identifier: Apache-2.0
// The list of ranked sentences. A row stays while its sentence does, so that a
// new order is seen as rows that glide (FLIP: measure, reorder, measure, then
// animate the difference); a change in mid-flight starts from where rows are.

import { create, mayMove } from "./dom.js";
import { formatScore } from "./format.js";

const moveMs = 220;
const easing = "cubic-bezier(0.2, 0.8, 0.3, 1)";

/** @typedef {{ index: number, score?: number, text: string }} Ranked no score: not ranked yet */

export class RankingList {
  /** @type {HTMLOListElement} */
  #list;
  /** @type {Map<string, HTMLLIElement>} by place in the list of sentences, and text */
  #rows = new Map();

  /** @param {HTMLOListElement} list */
  constructor(list) {
    this.#list = list;
  }

  /** @param {readonly Ranked[]} ranking best first */
  show(ranking) {
    const moves = mayMove() && this.#rows.size > 0;
    const before = moves ? placesOf(this.#rows) : new Map();
    const rows = new Map();
    for (const ranked of ranking) {
      const key = `${ranked.index} ${ranked.text}`;
      const row = this.#rows.get(key) ?? createRow(ranked.text);
      fillRow(row, ranked);
      rows.set(key, row);
    }
    this.#rows = rows;
    const wanted = [...rows.values()];
    if (isInOrder(this.#list, wanted)) return this.#list.append(...wanted.slice(this.#list.children.length));
    this.#list.replaceChildren(...wanted);
    if (moves) glide(rows, before);
  }
}

/** Whether a list begins with these rows, as far as it goes. @param {HTMLElement} list @param {HTMLElement[]} rows */
function isInOrder({ children }, rows) {
  return children.length <= rows.length && [...children].every((row, i) => row === rows[i]);
}

/** @param {Map<string, HTMLElement>} rows as seen, on their way or not */
function placesOf(rows) {
  return new Map([...rows].map(([key, row]) => [key, row.getBoundingClientRect().top]));
}

/**
 * @param {Map<string, HTMLElement>} rows
 * @param {Map<string, number>} before
 */
function glide(rows, before) {
  for (const row of rows.values()) row.getAnimations().forEach((animation) => animation.cancel());
  const after = placesOf(rows);
  for (const [key, row] of rows) {
    const from = before.get(key);
    if (from === undefined) {
      row.animate([{ opacity: 0 }, { opacity: 1 }], { duration: moveMs, easing });
      continue;
    }
    const distance = from - /** @type {number} */ (after.get(key));
    if (Math.abs(distance) < 1) continue;
    row.animate([{ transform: `translateY(${distance}px)` }, { transform: "none" }],
      { duration: moveMs, easing });
  }
}

/** @param {string} text */
function createRow(text) {
  return /** @type {HTMLLIElement} */ (create("li", {},
    create("span", { class: "bar", "aria-hidden": "true" }), // the score says it
    create("span", { class: "sentence", dir: "auto" }, text),
    create("span", { class: "score" })));
}

/**
 * @param {HTMLLIElement} row
 * @param {Ranked} ranked
 */
function fillRow(row, { index, score }) {
  const [bar, , number] = /** @type {HTMLElement[]} */ ([...row.children]);
  row.dataset.index = String(index);
  if (score === undefined) delete row.dataset.score;
  else row.dataset.score = String(score);
  number.textContent = score === undefined ? "" : formatScore(score);
  bar.style.transform = `scaleX(${Math.max(0, Math.min(1, score ?? 0))})`;
}
