// SPDX-License-Identifier: Apache-2.0
// What a person does on the demo page and sees there, as functions that run
// inside it: each is sent as text, so it sees its argument and the page, and
// nothing of this file.

/** @param {string} id of an example */
export function chooseExample(id) {
  /** @type {HTMLElement} */ (document.querySelector(`[data-example="${id}"]`)).click();
}

/** @param {{ name: string, type: string, content: string }} file dropped onto the page */
export function dropFile({ name, type, content }) {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([content], name, { type }));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer }));
  }
  // Files are read in a while: until then the list is the one before.
  const area = /** @type {HTMLTextAreaElement} */ (document.getElementById("sentences"));
  const before = area.value;
  return new Promise((resolve) => {
    const look = () => area.value !== before || !document.getElementById("own-note").hidden
      ? resolve(undefined) : setTimeout(look, 10);
    look();
  });
}

/** @param {string} text pasted into the list */
export function pasteText(text) {
  const area = document.getElementById("sentences");
  document.getElementById("own-toggle").click();
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  // Firefox takes `data` and `dataType`, the others `clipboardData`.
  const init = { bubbles: true, cancelable: true, clipboardData, data: text, dataType: "text/plain" };
  area.dispatchEvent(new ClipboardEvent("paste", init));
}

/** @returns {{ title: string, columns: string[], chosen: number, hasHeader: boolean } | null} */
export function tableChoice() {
  const table = document.getElementById("table");
  if (table.hidden) return null;
  const column = /** @type {HTMLSelectElement} */ (document.getElementById("column"));
  return {
    title: document.getElementById("table-title").textContent,
    columns: [...column.options].map((option) => option.textContent),
    chosen: column.selectedIndex,
    hasHeader: /** @type {HTMLInputElement} */ (document.getElementById("header")).checked,
  };
}

/** @param {{ id: string, value: string | boolean }} choice of a select or a check box */
export function choose({ id, value }) {
  const control = /** @type {any} */ (document.getElementById(id));
  if (typeof value === "boolean") control.checked = value;
  else control.value = value;
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

/** @param {string} id of a section, which then follows the list and the query */
export function scrollTo(id) {
  document.getElementById(id).scrollIntoView();
}

/** Scrolls to the map and waits until it shows so many sentences. @param {number} count */
export async function sentenceMap(count) {
  const map = document.getElementById("map");
  document.getElementById("map-section").scrollIntoView();
  const isThere = () => map.getAttribute("aria-label").startsWith(`Map of ${count} `);
  while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}

/**
 * Scrolls to the heat map and waits until it has a row for the query and each of
 * `count` sentences.
 * @param {number} count
 * @returns {Promise<string[][]>} its numbers, as shown
 */
export async function heatMap(count) {
  document.getElementById("heat-section").scrollIntoView();
  const rows = () => [...document.querySelectorAll("#heat-map tbody tr")].map((row) =>
    [...row.querySelectorAll("td")].map((cell) => cell.textContent));
  const isThere = () => rows().length === count + 1 && rows()[0][count] !== "" &&
    document.getElementById("ranking").getAttribute("aria-busy") === "false";
  while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 10));
  return rows();
}

/**
 * Scrolls to the tokens and waits until they are those of a text.
 * @param {number} count of pieces
 * @returns {Promise<{ pieces: string[], ids: number[] }>}
 */
export async function tokens(count) {
  document.getElementById("tokens-section").scrollIntoView();
  const items = () => [...document.querySelectorAll("#tokens li")];
  while (items().length !== count) await new Promise((resolve) => setTimeout(resolve, 10));
  const textsOf = (/** @type {string} */ name) =>
    items().map((item) => item.querySelector(name).textContent);
  return { pieces: textsOf(".piece"), ids: textsOf(".id").map(Number) };
}

/**
 * Scrolls to the word in several sentences and waits for so many pairs of them.
 * @param {number} count
 * @returns {Promise<{ texts: string[], similarity: number, bar: number }[]>} bar: its part
 *   of the whole width
 */
export async function wordPairs(count) {
  document.getElementById("word-section").scrollIntoView();
  const items = () => [...document.querySelectorAll("#word-pairs li")];
  while (items().length !== count) await new Promise((resolve) => setTimeout(resolve, 10));
  return items().map((item) => ({
    texts: [...item.querySelectorAll(".quote")].map((quote) => quote.textContent),
    similarity: Number(item.querySelector(".cosine").textContent),
    bar: Number(/** @type {HTMLElement} */ (item.querySelector(".nearness")).style.getPropertyValue("--share")),
  }));
}

/**
 * What the package says of texts, on this same page, beside the demo.
 * @param {{ query: string, sentences: string[] }} texts
 * @returns {Promise<{ matrix: number[][], ids: number[] }>} matrix: the query first
 */
export async function askPackage({ query, sentences }) {
  const { load } = await import(new URL("simile/index.js", location.href).href);
  const model = await load("models/all-minilm-l6-v2.int8.simile");
  const texts = [query, ...sentences];
  const all = await model.similarity(texts, texts);
  const { ids } = await model.tokenize(query);
  model.dispose();
  return { matrix: texts.map((_, i) => texts.map((__, k) => all.at(i, k))), ids };
}

/** @returns {Promise<string>} "yes", "no", or why not, once it is settled */
export async function offlineState() {
  const text = () => document.getElementById("offline").textContent;
  const isSettled = () => document.body.dataset.offline !== undefined || /does not keep/.test(text());
  while (!isSettled()) await new Promise((resolve) => setTimeout(resolve, 20));
  return document.body.dataset.offline ?? text();
}

/**
 * Types a text as a person does, a key every so often.
 * @param {{ text: string, everyMs: number }} typing
 * @returns {Promise<number[]>} ms from each key to its ranking; a key that a later
 *   one overtook has none
 */
export async function typeKeys({ text, everyMs }) {
  const query = /** @type {HTMLInputElement} */ (document.getElementById("query"));
  performance.clearMeasures("keystroke");
  for (let end = 1; end <= text.length; ++end) {
    query.value = text.slice(0, end);
    query.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  const ranking = document.getElementById("ranking");
  while (ranking.getAttribute("aria-busy") === "true") await new Promise((resolve) => setTimeout(resolve, 10));
  return performance.getEntriesByName("keystroke").map(({ duration }) => duration);
}
