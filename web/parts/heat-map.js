// SPDX-License-Identifier: Apache-2.0
// A table of the similarities of some sentences with each other. The query is
// its first row and column and changes with every key; the rest only with the
// list. A large table grows by some rows a frame.

import { create, nextFrame } from "./dom.js";
import { formatScore } from "./format.js";

const cellsPerFrame = 220;

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
    const rowsPerFrame = Math.ceil(cellsPerFrame / texts.length);
    const height = this.#table.offsetHeight;
    [this.#sentences, this.#cells] = [texts, []];
    this.#table.replaceChildren(header(texts.length), create("tbody"));
    while (this.#cells.length < texts.length) {
      this.#append(rowsPerFrame, matrix);
      if (this.#cells.length === texts.length) break;
      this.#keepHeight(height);
      await nextFrame();
      if (version !== this.#version) return false;
    }
    this.#keepHeight(0);
    return true;
  }

  /** What is below the table stays where it is while that grows. @param {number} height */
  #keepHeight(height) {
    this.#table.parentElement.style.minHeight = `${height}px`;
  }

  /** @param {number} count of rows @param {{ at: (row: number, column: number) => number }} matrix */
  #append(count, matrix) {
    const texts = this.#sentences;
    const first = this.#cells.length;
    const rows = texts.slice(first, first + count).map((text, i) => {
      const row = first + i;
      const cells = texts.map((_, column) => createCell(row, column));
      this.#cells.push(cells);
      if (row > 0) cells.forEach((cell, column) => column > 0 && fillCell(cell, matrix.at(row - 1, column - 1)));
      return create("tr", {}, rowHeader(row, text), ...cells);
    });
    this.#table.tBodies[0].append(...rows);
  }

  /**
   * @param {string} query
   * @param {(index: number) => number | undefined} scoreOf
   */
  setQuery(query, scoreOf) {
    this.#sentences[0] = query;
    if (this.#cells.length === 0) return;
    this.#cells[0].forEach((cell, column) =>
      fillCell(cell, column > 0 ? scoreOf(column - 1) : query === "" ? undefined : 1));
    this.#cells.forEach((cells, row) => row > 0 && fillCell(cells[0], scoreOf(row - 1)));
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
