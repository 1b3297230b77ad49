// SPDX-License-Identifier: Apache-2.0
// The list of ranked sentences: one row a sentence, kept while the sentence
// stays, so that a new order is seen as rows that move.

const moveMs = 200;

/** @typedef {{ index: number, score: number, text: string }} Ranked */

export class RankingList {
  /** @type {HTMLOListElement} */
  #list;
  /** @type {Map<string, HTMLLIElement>} by the sentence and its how-manieth copy */
  #rows = new Map();

  /** @param {HTMLOListElement} list */
  constructor(list) {
    this.#list = list;
  }

  /** @param {readonly Ranked[]} ranking best first */
  show(ranking) {
    const places = new Map([...this.#rows].map(([key, row]) => [key, row.offsetTop]));
    const rows = new Map();
    for (const ranked of ranking) {
      let key = ranked.text;
      while (rows.has(key)) key += "\n";
      const row = this.#rows.get(key) ?? createRow(ranked.text);
      fillRow(row, ranked);
      rows.set(key, row);
    }
    this.#rows = rows;
    this.#list.replaceChildren(...rows.values());
    this.#moveFrom(places);
  }

  /** @param {Map<string, number>} places where each row was */
  #moveFrom(places) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const moves = [...this.#rows].map(([key, row]) => ({
      row,
      distance: (places.get(key) ?? row.offsetTop) - row.offsetTop,
    }));
    for (const { row, distance } of moves) {
      if (distance === 0) continue;
      row.animate([{ transform: `translateY(${distance}px)` }, { transform: "none" }],
        { duration: moveMs, easing: "ease-out" });
    }
  }
}

/** @param {string} text */
function createRow(text) {
  const row = document.createElement("li");
  const [sentence, score, bar, filled] = ["span", "span", "div", "span"].map((name) =>
    document.createElement(name));
  sentence.className = "sentence";
  sentence.textContent = text;
  score.className = "score";
  bar.className = "bar";
  bar.setAttribute("aria-hidden", "true"); // the score says it
  bar.append(filled);
  row.append(sentence, score, bar);
  return row;
}

/**
 * @param {HTMLLIElement} row
 * @param {Ranked} ranked
 */
function fillRow(row, { index, score }) {
  const [, number, bar] = row.children;
  row.dataset.index = String(index);
  row.dataset.score = String(score);
  number.textContent = score.toFixed(3).replace("-", "−");
  const filled = /** @type {HTMLElement} */ (bar.firstElementChild);
  filled.style.width = `${Math.max(0, Math.min(1, score)) * 100}%`;
}
