// SPDX-License-Identifier: Apache-2.0
// The text area of one's own list. A browser lays out every line of a text area at
// once, a thousand for longer than a frame lasts: so of a long list only the first
// lines stand in it. The rest is kept aside, until everything in it is replaced.

const maxLines = 100;
const maxChars = 10_000;
/** What is read of a text, and of a line: more than is used of a list, and of a sentence. */
export const maxTextChars = 1e6;
const maxLineChars = 2000;

export class ListArea {
  #area;
  #onInput;
  /** @type {readonly string[]} the lines after those that stand in the area */
  #rest = [];

  /** @param {HTMLTextAreaElement} area @param {() => void} onInput */
  constructor(area, onInput) {
    this.#area = area;
    this.#onInput = onInput;
    area.addEventListener("beforeinput", (event) => this.#beforeInput(event));
    area.addEventListener("input", onInput);
  }

  /** All of them. */
  get lines() {
    return [...this.#area.value.split("\n"), ...this.#rest];
  }

  /** How many lines stand in the area, if that is not all. @returns {number | undefined} */
  get shownOfMore() {
    return this.#rest.length === 0 ? undefined : this.#area.value.split("\n").length;
  }

  /** @param {readonly string[]} lines */
  show(lines) {
    const count = countThatFit(lines);
    this.#area.value = lines.slice(0, count).join("\n");
    // Elsewhere some browsers would move the focus here.
    if (document.activeElement === this.#area) this.#area.setSelectionRange(0, 0);
    this.#area.scrollTop = 0;
    this.#rest = lines.slice(count);
  }

  focus() {
    this.#area.focus();
  }

  /** @param {InputEvent} event */
  #beforeInput(event) {
    const { selectionStart: begin, selectionEnd: end, value } = this.#area;
    if (begin === 0 && end === value.length && /^(insert|delete)/.test(event.inputType)) this.#rest = [];
    if (!/^insertFrom(Paste|Drop)/.test(event.inputType) || !event.data) return;
    const lines = linesOf(value.slice(0, begin) + event.data + value.slice(end));
    if (countThatFit(lines) === lines.length) return; // as any other text area does it
    event.preventDefault();
    this.show([...lines, ...this.#rest]);
    this.#onInput();
  }
}

/**
 * @param {string} text with any line ends
 * @returns {string[]}
 */
export function linesOf(text) {
  return text.slice(0, maxTextChars).replace(/^\ufeff/, "").split(/\r\n|\r|\n/)
    .map((line) => line.slice(0, maxLineChars));
}

/** @param {readonly string[]} lines */
function countThatFit(lines) {
  let [count, chars] = [0, 0];
  while (count < Math.min(lines.length, maxLines) && (chars += lines[count].length) <= maxChars) ++count;
  return count;
}
