// SPDX-License-Identifier: Apache-2.0
// One word in several sentences: how near its vectors are to each other, pair by pair.
// A word's vector is the mean of those of its tokens, each of which the model has made
// after reading the whole sentence.

import { create, element, setText } from "./dom.js";
import { formatScore } from "./format.js";

const maxSentences = 4;
const typingMs = 120;

/** @typedef {{ sentence: string, begin: number, end: number }} Place of the word in a sentence */
/** @typedef {{ a: Place, b: Place, similarity: number }} Pair */

/**
 * @param {string} sentence
 * @param {string} word
 * @returns {Place | undefined} where the word first stands alone
 */
export function findWord(sentence, word) {
  const isPart = (/** @type {string | undefined} */ unit) => /^[\p{L}\p{N}\p{M}]/u.test(unit ?? "");
  const [text, wanted] = [sentence.toLowerCase(), word.toLowerCase()];
  // Lower case may be longer, in which case no place would be right.
  if (wanted === "" || text.length !== sentence.length) return undefined;
  for (let begin = text.indexOf(wanted); begin !== -1; begin = text.indexOf(wanted, begin + 1)) {
    const end = begin + wanted.length;
    if (!isPart(text[begin - 1]) && !isPart(text[end])) return { sentence, begin, end };
  }
  return undefined;
}

/**
 * @param {import("../simile/index.js").TokenVectors} read
 * @param {Place} place
 * @returns {Float32Array | undefined} of length 1; nothing: the model did not read so far
 */
export function wordVector({ tokens, vectors, dims }, { begin, end }) {
  const sum = new Float32Array(dims);
  tokens.forEach((token, t) => {
    if (token.isSpecial || token.begin >= end || token.end <= begin) return;
    vectors[t].forEach((value, d) => (sum[d] += value));
  });
  const length = Math.hypot(...sum);
  return length === 0 ? undefined : sum.map((value) => value / length);
}

/**
 * @param {readonly { place: Place, vector: Float32Array }[]} words
 * @returns {Pair[]} the nearest first
 */
export function pairsOf(words) {
  return words.flatMap(({ place: a, vector }, i) => words.slice(i + 1).map(({ place: b, vector: other }) => ({
    a, b, similarity: vector.reduce((sum, value, d) => sum + value * other[d], 0),
  }))).sort((one, two) => two.similarity - one.similarity);
}

/** @param {Place} place */
function quote({ sentence, begin, end }) {
  return create("span", { class: "quote", dir: "auto" },
    sentence.slice(0, begin), create("b", {}, sentence.slice(begin, end)), sentence.slice(end));
}

/** @param {Pair} pair */
function row({ a, b, similarity }) {
  const bar = create("span", { class: "nearness", "aria-hidden": "true" });
  bar.style.setProperty("--share", String(Math.max(0, Math.min(1, similarity))));
  return create("li", {}, create("p", { class: "pair" }, quote(a), quote(b)),
    bar, create("span", { class: "cosine" }, formatScore(similarity)));
}

export class WordView {
  #model;
  #version = 0;
  #timer = 0;
  #isSeen = false;

  /** @param {import("../simile/index.js").Embedder} model */
  constructor(model) {
    this.#model = model;
    new IntersectionObserver(([{ isIntersecting }], observer) => {
      if (!isIntersecting) return;
      observer.disconnect();
      this.#isSeen = true;
      void this.#show();
    }, { rootMargin: "200px" }).observe(element("word-section"));
    for (const id of ["word", "word-sentences"]) {
      element(id).addEventListener("input", () => {
        clearTimeout(this.#timer);
        this.#timer = window.setTimeout(() => this.#isSeen && void this.#show(), typingMs);
      });
    }
  }

  async #show() {
    const version = ++this.#version;
    const word = element("word").value.trim();
    const sentences = element("word-sentences").value.split("\n")
      .map((/** @type {string} */ line) => line.trim()).filter(Boolean).slice(0, maxSentences);
    const places = sentences.map((/** @type {string} */ sentence) => findWord(sentence, word)).filter(Boolean);
    try {
      const read = await this.#model.embedTokens(places.map((/** @type {Place} */ { sentence }) => sentence));
      if (version !== this.#version) return;
      const words = places.map((/** @type {Place} */ place, /** @type {number} */ i) =>
        ({ place, vector: wordVector(read[i], place) }))
        .filter((/** @type {{ vector?: Float32Array }} */ { vector }) => vector !== undefined);
      element("word-pairs").replaceChildren(...pairsOf(words).map(row));
      setText("word-note", words.length > 1 ? "" : word === "" ? "Type a word."
        : `“${word}” must stand in two of the sentences at least.`);
    } catch (error) {
      const { code, message } = /** @type {import("../simile/index.js").SimileError} */ (error);
      // Where the model is gone, what is shown stays.
      if (code !== "disposed" && version === this.#version) setText("word-note", message);
    }
  }
}
