// SPDX-License-Identifier: Apache-2.0
// The sections below the ranking. Each follows the list and the query, but only
// once it has been scrolled into view: what nobody looks at costs nothing.

import { AxesClient } from "./axes-client.js";
import { element, setText } from "./dom.js";
import { formatCount, formatNumber } from "./format.js";
import { HeatMap } from "./heat-map.js";
import { SentenceMap } from "./sentence-map.js";
import { piecesOf, showPieces } from "./token-view.js";

const heatRows = 12;
const heatRowsAtMost = 24;
const mapFrom = 4;

/** @typedef {import("./live-ranking.js").Ranking} Ranking */
/** @typedef {import("./live-ranking.js").EmbeddedList} EmbeddedList */

export class Details {
  #model;
  #axes = new AxesClient();
  #heat = new HeatMap(element("heat-map"), element("heat-pair"));
  #map = new SentenceMap(element("map"), (text) => setText("map-note", text));
  /** @type {EmbeddedList | undefined} */
  #list;
  /** @type {Ranking | undefined} */
  #ranking;
  #heatCount = heatRows;
  /** @type {Set<Element>} sections in view */
  #visible = new Set();
  /** @type {Map<string, EmbeddedList>} the list that each section shows */
  #done = new Map();
  #tokenVersion = 0;

  /** @param {import("../simile/index.js").Embedder} model */
  constructor(model) {
    this.#model = model;
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) this.#visible.add(target);
        else this.#visible.delete(target);
      }
      this.#refresh();
    }, { rootMargin: "200px" });
    for (const id of ["tokens-section", "heat-section", "map-section"]) observer.observe(element(id));
    element("heat-more").addEventListener("click", () => {
      this.#heatCount = heatRowsAtMost;
      this.#done.delete("heat-section");
      element("heat-map").parentElement.focus({ preventScroll: true }); // the button goes
      this.#refresh();
    });
  }

  /** @param {EmbeddedList} list */
  setList(list) {
    this.#list = list;
    this.#ranking = undefined;
    this.#heatCount = heatRows;
    element("map-section").hidden = list.sentences.length < mapFrom;
    element("heat-section").hidden = list.sentences.length === 0;
    this.#refresh();
  }

  /** @param {Ranking} ranking of the list set before */
  setRanking(ranking) {
    this.#ranking = ranking;
    if (this.#isVisible("tokens-section")) this.#showTokens();
    if (this.#isVisible("heat-section")) this.#queryHeat();
    if (this.#isVisible("map-section")) this.#queryMap();
  }

  /** @param {string} id */
  #isVisible(id) {
    return this.#visible.has(element(id));
  }

  #refresh() {
    const list = this.#list;
    if (list?.vectors === undefined) return;
    if (this.#isVisible("tokens-section")) this.#showTokens();
    for (const [id, show, update] of /** @type {const} */ ([
      ["heat-section", () => this.#showHeat(list), () => this.#queryHeat()],
      ["map-section", () => this.#showMap(list), () => this.#queryMap()],
    ])) {
      if (!this.#isVisible(id)) continue;
      if (this.#done.get(id) === list) update();
      else {
        this.#done.set(id, list);
        show().catch(() => this.#done.delete(id)); // the model is gone, or the list
      }
    }
  }

  async #showTokens() {
    const text = this.#ranking?.query ?? "";
    const version = ++this.#tokenVersion;
    const tokens = await this.#model.tokenize(text);
    if (version !== this.#tokenVersion) return;
    const pieces = piecesOf(text, tokens);
    showPieces(element("tokens"), pieces);
    const special = pieces.filter(({ kind }) => kind === "special").length;
    setText("tokens-count", `${formatCount(pieces.length, "token")}, ${special} of them special${
      tokens.truncated ? ". The rest of the sentence was cut off" : ""}.`);
  }

  /** @param {EmbeddedList} list */
  async #showHeat(list) {
    const sentences = list.sentences.slice(0, this.#heatCount);
    const all = /** @type {import("../simile/index.js").Embeddings} */ (list.vectors);
    const vectors = sentences.length === all.count ? all : await this.#model.embed(sentences);
    const matrix = await this.#model.similarity(vectors, vectors);
    if (this.#list !== list || !await this.#heat.show(sentences, matrix)) return;
    const more = Math.min(list.sentences.length, heatRowsAtMost);
    element("heat-more").hidden = sentences.length >= more;
    setText("heat-more", more === list.sentences.length ? `Show all ${more}` : `Show the first ${more}`);
    setText("heat-pair", sentences.length === list.sentences.length ? ""
      : `The first ${sentences.length} of ${formatNumber(list.sentences.length)} sentences.`);
    this.#queryHeat();
  }

  #queryHeat() {
    const ranking = this.#ranking;
    if (ranking === undefined || this.#done.get("heat-section") !== ranking.list) return;
    const scores = new Map(ranking.ranked.map(({ index, score }) => [index, score]));
    this.#heat.setQuery(ranking.query, (index) => scores.get(index));
  }

  /** @param {EmbeddedList} list */
  async #showMap(list) {
    const { data, dims } = /** @type {import("../simile/index.js").Embeddings} */ (list.vectors);
    const { axes, points } = await this.#axes.place(data, dims);
    if (this.#list !== list) return;
    this.#map.setList(list.sentences, axes, points);
    element("map").setAttribute("aria-label",
      `Map of ${list.sentences.length} sentences and yours, by meaning. The ranking says the same in words.`);
    this.#queryMap();
  }

  #queryMap() {
    const ranking = this.#ranking;
    if (ranking === undefined || this.#done.get("map-section") !== ranking.list) return;
    this.#map.setQuery(ranking.vector, ranking.ranked);
  }
}
