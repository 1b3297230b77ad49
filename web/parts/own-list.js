// SPDX-License-Identifier: Apache-2.0
// One's own list: typed or pasted into the text area, opened or dropped as a text
// or CSV file; of a table, one column is chosen.

import { csvRows, hasHeader, wordiestColumn } from "./csv.js";
import { collectInSlices, create, element, setText } from "./dom.js";
import { formatNumber } from "./format.js";
import { linesOf, ListArea, maxTextChars } from "./list-area.js";

export const maxSentences = 1000;
/** One more than a header and the sentences: so it is known that there are more. */
const maxRows = maxSentences + 2;
/** What is read of a file: a thousand sentences, and then some. */
const maxFileBytes = 4e6;
const typingPauseMs = 250;

export class OwnList {
  #onChange;
  #area = new ListArea(element("sentences"), () => this.#typed());
  /** @type {string[][]} rows of the table, if the list comes from one */
  #table = [];
  /** @type {object | undefined} what is being read: a later one takes its place */
  #source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {(sentences: string[]) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    element("own-toggle").addEventListener("click", () => this.open(element("own").hidden));
    element("sentences").addEventListener("paste", (/** @type {ClipboardEvent} */ event) => this.#paste(event));
    element("choose-file").addEventListener("click", () => element("file").click());
    element("file").addEventListener("change", () => this.#openFile(element("file").files[0]));
    element("column").addEventListener("change", () => this.#useTable());
    element("header").addEventListener("change", () => this.#nameColumns());
    this.#acceptDrops();
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    element("own").hidden = !isOpen;
    element("own-toggle").setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.#area.focus();
  }

  /**
   * Shows a list that comes from elsewhere.
   * @param {readonly string[]} sentences
   */
  show(sentences) {
    clearTimeout(this.#timer);
    this.#area.show(sentences);
    this.#forgetTable();
    this.#note("");
  }

  #typed() {
    this.#forgetTable();
    clearTimeout(this.#timer);
    const { lines } = this.#area;
    // Short lists follow every key, long ones a pause.
    if (lines.length < 50) this.#use(lines);
    else this.#timer = setTimeout(() => this.#use(this.#area.lines), typingPauseMs);
  }

  /** @param {readonly string[]} lines @param {boolean} [isCut] whether there may be more of them */
  #use(lines, isCut = false) {
    const sentences = lines.map((line) => line.trim()).filter(Boolean);
    const used = sentences.slice(0, maxSentences);
    const all = isCut ? "" : ` of ${formatNumber(sentences.length)}`;
    const { shownOfMore } = this.#area;
    this.#note([
      ...isCut || used.length < sentences.length ? [`The first ${formatNumber(used.length)}${all} are used.`] : [],
      ...shownOfMore === undefined ? [] : [`The first ${shownOfMore} are shown here, and the others count too.`],
    ].join(" "));
    this.#onChange(used);
  }

  /** A table copied from a spreadsheet comes with tabs. @param {ClipboardEvent} event */
  #paste(event) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const options = { delimiter: "\t", maxRows };
    if (!text.includes("\t") || [...csvRows(text, { ...options, maxRows: 2 })].length < 2) return;
    event.preventDefault();
    this.#readTable(text, options, "What you pasted is a table");
  }

  /** @param {File | undefined} file */
  async #openFile(file) {
    element("file").value = ""; // so that the same file can be opened again
    if (file === undefined) return;
    this.#source = file;
    this.open(true);
    const isText = !/^(image|audio|video)\/|pdf|zip/.test(file.type);
    const text = isText ? await file.slice(0, maxFileBytes).text() : "\0";
    if (this.#source !== file) return;
    if (text.includes("\0")) {
      return this.#note(`${file.name} is no text. A text file with one sentence a line will do, or a CSV file.`);
    }
    const isTable = /\.(csv|tsv)$/i.test(file.name) || /csv|tab-separated/.test(file.type);
    if (isTable && text.trim() !== "") return this.#readTable(text, { maxRows }, `${file.name} is a table`);
    this.#forgetTable();
    const lines = linesOf(text);
    this.#area.show(lines);
    this.#use(lines, text.length > maxTextChars);
  }

  /**
   * @param {string} text
   * @param {{ delimiter?: string, maxRows: number }} options
   * @param {string} title
   */
  async #readTable(text, options, title) {
    const source = this.#source = {};
    const rows = await collectInSlices(csvRows(text, options));
    if (this.#source !== source) return;
    this.#table = rows;
    setText("table-title", title);
    element("header").checked = hasHeader(rows);
    element("table").hidden = false;
    this.#nameColumns(wordiestColumn(rows));
  }

  /** @param {number | Event} [chosen] */
  #nameColumns(chosen) {
    const [first, second = []] = this.#table;
    const column = typeof chosen === "number" ? chosen : element("column").selectedIndex;
    element("column").replaceChildren(...first.map((field, i) => {
      const [name, sample] = element("header").checked ? [field, second[i] ?? ""] : [`Column ${i + 1}`, field];
      const short = sample.length > 40 ? `${sample.slice(0, 39)}…` : sample;
      return create("option", { value: String(i) }, short ? `${name}: ${short}` : name);
    }));
    element("column").selectedIndex = column;
    this.#useTable();
  }

  #useTable() {
    const column = element("column").selectedIndex;
    const rows = element("header").checked ? this.#table.slice(1) : this.#table;
    const lines = rows.map((row) => (row[column] ?? "").replace(/\s+/g, " ").trim()).filter(Boolean);
    this.#area.show(lines);
    this.#use(lines, this.#table.length === maxRows);
  }

  #forgetTable() {
    this.#source = undefined;
    this.#table = [];
    element("table").hidden = true;
  }

  /** @param {string} text nothing: hides it */
  #note(text) {
    setText("own-note", text);
    element("own-note").hidden = text === "";
  }

  #acceptDrops() {
    const target = element("drop-target");
    let depth = 0; // dragenter and dragleave come for every element on the way
    const hasFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
    addEventListener("dragenter", (event) => {
      if (hasFile(event)) target.hidden = ++depth === 0;
    });
    addEventListener("dragleave", (event) => {
      if (hasFile(event)) target.hidden = --depth <= 0;
    });
    addEventListener("dragover", (event) => hasFile(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      if (!hasFile(event)) return; // a text dropped into the text area is the browser's affair
      event.preventDefault();
      depth = 0;
      target.hidden = true;
      this.#openFile(event.dataTransfer?.files[0]);
    });
  }
}
