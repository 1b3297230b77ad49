// SPDX-License-Identifier: Apache-2.0
// A table of the similarities of some sentences with each other. The query is
// its first row and column and changes with every key; the rest only with the
// list. Long tables are built some rows at a time, between frames.

import { create, nextFrame } from "./dom.js";
import { formatScore } from "./format.js";

const rowsPerFrame = 6;

export class HeatMap {
  #table;
  /** @type {string[]} the query first */
  #sentences = [];
  /** @type {HTMLElement[][]} [row][column] */
  #cells = [];
  #version = 0;

  /**
   * @param {HTMLTableElement} table
   * @param {HTMLElement} pairLine tells of the cell under the pointer
   */
  constructor(table, pairLine) {
    this.#table = table;
    table.addEventListener("pointerover", ({ target }) => {
      const cell = /** @type {HTMLElement} */ (target);
      if (cell.dataset?.column === undefined) return;
      const [row, column] = [Number(cell.dataset.row), Number(cell.dataset.column)];
      pairLine.textContent = row === column ? this.#sentences[row]
        : `${cell.textContent}  “${this.#sentences[row]}” and “${this.#sentences[column]}”`;
    });
  }

  /**
   * @param {readonly string[]} sentences
   * @param {{ at: (row: number, column: number) => number }} matrix of them
   * @returns {Promise<boolean>} false if another one has been asked for meanwhile
   */
  async show(sentences, matrix) {
    const version = ++this.#version;
    const texts = [this.#sentences[0] ?? "", ...sentences];
    const [body, cells] = [create("tbody"), /** @type {HTMLElement[][]} */ ([])];
    for (let row = 0; row < texts.length; ++row) {
      cells.push(texts.map((_, column) => createCell(row, column)));
      body.append(create("tr", {}, rowHeader(row, texts[row]), ...cells[row]));
      for (let column = 1; row > 0 && column < texts.length; ++column) {
        fillCell(cells[row][column], matrix.at(row - 1, column - 1));
      }
      if (row % rowsPerFrame === rowsPerFrame - 1) {
        await nextFrame();
        if (version !== this.#version) return false;
      }
    }
    [this.#sentences, this.#cells] = [texts, cells];
    this.#table.replaceChildren(header(texts.length), body);
    return true;
  }

  /**
   * @param {string} query
   * @param {(index: number) => number | undefined} scoreOf
   */
  setQuery(query, scoreOf) {
    this.#sentences[0] = query;
    if (this.#cells.length === 0) return;
    fillCell(this.#cells[0][0], query === "" ? undefined : 1);
    for (let i = 1; i < this.#cells.length; ++i) {
      fillCell(this.#cells[0][i], scoreOf(i - 1));
      fillCell(this.#cells[i][0], scoreOf(i - 1));
    }
  }
}

/** @param {number} row @param {number} column */
function createCell(row, column) {
  return create("td", { "data-row": String(row), "data-column": String(column) });
}

/** @param {HTMLElement} cell @param {number | undefined} score */
function fillCell(cell, score) {
  cell.textContent = score === undefined ? "" : formatScore(score);
  cell.style.setProperty("--heat", String(Math.max(0, Math.min(1, score ?? 0))));
}

/** @param {number} row @param {string} text */
function rowHeader(row, text) {
  if (row === 0) return create("th", { scope: "row", class: "you" }, create("span", {}, "Your sentence"));
  return create("th", { scope: "row", title: text },
    create("b", {}, String(row)), create("span", { dir: "auto" }, text));
}

/** @param {number} count */
function header(count) {
  const titles = Array.from({ length: count }, (_, i) =>
    create("th", { scope: "col", ...(i === 0 && { class: "you" }) }, i === 0 ? "You" : String(i)));
  return create("thead", {}, create("tr", {}, create("td"), ...titles));
}
