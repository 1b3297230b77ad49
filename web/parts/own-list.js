// SPDX-License-Identifier: Apache-2.0
// One's own list: typed or pasted into the text area, opened or dropped as a text
// or CSV file; of a table, one column is chosen.

import { hasHeader, parseCsv, wordiestColumn } from "./csv.js";
import { create, element, setText } from "./dom.js";

export const maxSentences = 1000;
/** What is read of a file: a thousand sentences, and then some. */
const maxFileBytes = 4e6;
const typingPauseMs = 250;

export class OwnList {
  #onChange;
  /** @type {string[][]} rows of the table, if the list comes from one */
  #table = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {(sentences: string[]) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    element("own-toggle").addEventListener("click", () => this.open(element("own").hidden));
    element("sentences").addEventListener("input", () => this.#typed());
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
    if (isOpen) element("sentences").focus();
  }

  /**
   * Shows a list that comes from elsewhere.
   * @param {readonly string[]} sentences
   */
  show(sentences) {
    clearTimeout(this.#timer);
    element("sentences").value = sentences.join("\n");
    this.#forgetTable();
    this.#note("");
  }

  #typed() {
    this.#forgetTable();
    clearTimeout(this.#timer);
    // Short lists follow every key, long ones a pause.
    const isShort = element("sentences").value.length < 2000;
    if (isShort) this.#use(element("sentences").value.split("\n"));
    else this.#timer = setTimeout(() => this.#use(element("sentences").value.split("\n")), typingPauseMs);
  }

  /** @param {readonly string[]} lines */
  #use(lines) {
    const sentences = lines.map((line) => line.trim()).filter(Boolean);
    this.#note(sentences.length <= maxSentences ? ""
      : `The first ${maxSentences.toLocaleString("en")} of ${sentences.length.toLocaleString("en")} are used.`);
    this.#onChange(sentences.slice(0, maxSentences));
  }

  /** A table copied from a spreadsheet comes with tabs. @param {ClipboardEvent} event */
  #paste(event) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const rows = text.includes("\t") ? parseCsv(text, { delimiter: "\t", maxRows: maxSentences + 1 }) : [];
    if (rows.length < 2) return;
    event.preventDefault();
    this.#showTable(rows, "What you pasted is a table");
  }

  /** @param {File | undefined} file */
  async #openFile(file) {
    element("file").value = ""; // so that the same file can be opened again
    if (file === undefined) return;
    this.open(true);
    if (/^(image|audio|video)\/|pdf|zip/.test(file.type)) {
      return this.#note(`${file.name} is no text. A text file with one sentence a line will do, or a CSV file.`);
    }
    const text = await file.slice(0, maxFileBytes).text();
    if (text.includes("\0")) {
      return this.#note(`${file.name} is no text. A text file with one sentence a line will do, or a CSV file.`);
    }
    const isTable = /\.(csv|tsv)$/i.test(file.name) || /csv|tab-separated/.test(file.type);
    const rows = isTable ? parseCsv(text, { maxRows: maxSentences + 1 }) : [];
    if (rows.length > 0) return this.#showTable(rows, `${file.name} is a table`);
    this.#forgetTable();
    element("sentences").value = text.replace(/^\ufeff/, "");
    this.#use(text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/));
  }

  /** @param {string[][]} rows @param {string} title */
  #showTable(rows, title) {
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
    element("sentences").value = lines.join("\n");
    this.#use(lines);
  }

  #forgetTable() {
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
