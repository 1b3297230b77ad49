// SPDX-License-Identifier: Apache-2.0
// The demo page: loads a model and shows what it makes of a list and a sentence.
// The address may ask for an example, a sentence, or something else than the best
// choice: ?example=three|help-desk|novels|tricky & q=… & model=f32 &
// variant=simd|simd-threads|relaxed-simd|relaxed-simd-threads & threads=N.
//
// For tests and styles: <body data-state> is loading, ready or error;
// <body data-offline> is yes once the page is kept; <ol id="ranking" aria-busy>
// is "true" while it lags behind the text; the Performance API has a measure
// "keystroke" for each change, from the key to the new ranking.

import { load } from "./simile/index.js";
import { announce } from "./parts/announcer.js";
import { showBytes, showCosts } from "./parts/costs.js";
import { Details } from "./parts/details.js";
import { create, element, nextTask, setText } from "./parts/dom.js";
import { examples } from "./parts/examples.js";
import { formatBytes, formatCount, formatNumber, formatScore, formatTime } from "./parts/format.js";
import { LiveRanking } from "./parts/live-ranking.js";
import { canKeep, keepForOffline } from "./parts/offline.js";
import { OwnList } from "./parts/own-list.js";
import { RankingList } from "./parts/ranking-list.js";
import { WordView } from "./parts/word-view.js";

const firstRows = 10;
const moreRows = 40;

const wishes = new URLSearchParams(location.search);
const query = element("query");
const list = new RankingList(element("ranking"));

/** @type {readonly string[]} the list that is wanted */
let sentences = [];
/** @type {LiveRanking | undefined} once the model is there */
let live;
/** @type {import("./parts/live-ranking.js").Ranking | undefined} */
let shown;
let rows = firstRows;

/** @param {any} error @param {string} [what] broke */
function showError(error, what = "Something broke.") {
  setText("error", error.code ? `${what} ${error.message} (${error.code})` : `${what} ${error}`);
  element("error").hidden = false;
}

/** @param {readonly string[]} wanted */
function setList(wanted) {
  sentences = wanted;
  rows = firstRows;
  if (live !== undefined) live.setList(wanted);
  else showRows(wanted.map((text, index) => ({ index, text })));
}

/** @param {import("./parts/ranking-list.js").Ranked[]} ranked */
function showRows(ranked) {
  list.show(ranked.slice(0, rows));
  const left = ranked.length - rows;
  element("more").hidden = left <= 0;
  setText("more", `Show ${Math.min(left, moreRows)} more of ${formatNumber(ranked.length)}`);
}

/** @param {import("./parts/live-ranking.js").Ranking} ranking */
function rowsOf({ ranked, list: { sentences: texts } }) {
  return ranked.map((hit) => ({ ...hit, text: texts[hit.index] }));
}

/** @param {import("./parts/live-ranking.js").Ranking} ranking */
function showRanking(ranking) {
  if (ranking.query !== shown?.query) rows = firstRows;
  shown = ranking;
  element("error").hidden = true;
  const { ranked, list: { sentences: texts }, vector, keyedAt, embedMs, rankMs } = ranking;
  showRows(rowsOf(ranking));
  showHint(ranking);
  details?.setRanking(ranking);
  if (vector === undefined) return setText("query-time", "");
  if (keyedAt !== undefined) setText("key-time", formatTime(
    performance.measure("keystroke", { start: keyedAt }).duration));
  setText("query-time", `${formatTime(embedMs)} to read your sentence, ${formatTime(rankMs)} to compare it with ${
    formatCount(texts.length, "other")}`);
  announce(`Closest of ${texts.length}: ${texts[ranked[0].index]}, ${formatScore(ranked[0].score ?? 0)}`);
}

/** @param {import("./parts/live-ranking.js").Ranking} ranking */
function showHint({ query: text, list: { sentences: texts } }) {
  const hint = texts.length === 0 ? "The list is empty. Type some sentences, or choose an example."
    : text === "" ? "Type a sentence, and these will be ranked by it." : "";
  setText("hint", hint);
  element("hint").hidden = hint === "";
}

/** @param {string | undefined} id of an example */
function pressChip(id) {
  for (const chip of element("examples").querySelectorAll("[data-example]")) {
    chip.setAttribute("aria-pressed", String(chip.dataset.example === id));
  }
}

/** @param {import("./parts/examples.js").Example} example @param {string} text the query */
function showExample(example, text = example.queries[0]) {
  pressChip(example.id);
  setText("about", example.about);
  element("queries").replaceChildren(...example.queries.map((one) => {
    const button = create("button", { type: "button", class: "try" }, one);
    button.addEventListener("click", () => setQuery(one));
    return button;
  }));
  ownList.show(example.sentences);
  setQuery(text);
  setList(example.sentences);
}

/** @param {string} text */
function setQuery(text) {
  query.value = text;
  live?.setQuery(text, performance.now());
}

const ownList = new OwnList((own) => {
  pressChip(undefined);
  setText("about", `Your own list: ${formatCount(own.length, "sentence")}. It stays in this tab.`);
  element("queries").replaceChildren();
  setList(own);
});

for (const example of examples) {
  const chip = create("button", { type: "button", class: "chip", "aria-pressed": "false", "data-example": example.id },
    example.title);
  chip.addEventListener("click", () => {
    ownList.open(false);
    showExample(example);
  });
  element("own-toggle").before(chip);
}

query.addEventListener("input", (/** @type {Event} */ event) => live?.setQuery(query.value, event.timeStamp));
element("cancel").addEventListener("click", () => live?.cancelReading());
element("more").addEventListener("click", () => {
  const last = element("ranking").lastElementChild;
  rows += moreRows;
  if (shown) showRows(rowsOf(shown));
  // The button may be gone now: the keyboard goes on where the new rows begin.
  const next = last?.nextElementSibling;
  next?.setAttribute("tabindex", "-1");
  next?.focus({ preventScroll: true });
});

/** @type {import("./parts/live-ranking.js").Listener} */
const listener = {
  onRanking: showRanking,
  onError: showError,
  onBusy: (isBusy) => element("ranking").setAttribute("aria-busy", String(isBusy)),
  onReading(done, total) {
    // A short list is read before a bar could be seen.
    element("reading").hidden = total < 100 || done === total;
    element("reading-bar").value = done / total;
    setText("reading-text", `Reading your list: ${formatNumber(done)} of ${formatNumber(total)}`);
  },
  onRead(read) {
    element("reading").hidden = true;
    if (read === undefined) return setText("about", "Not read to its end: the ranking is still that of the list before.");
    setText("list-time", `${formatTime(read.ms)} for ${formatCount(read.sentences.length, "sentence")}`);
    details?.setList(read);
  },
};

/** @type {Partial<import("./simile/index.js").Progress>} the last */
let progress = {};

/** @param {import("./simile/index.js").Progress} now */
function showProgress(now) {
  progress = now;
  const { loaded, total, fraction } = now;
  element("progress").value = fraction;
  setText("loading-text", fraction < 1 && loaded < total
    ? `Loading the model: ${formatBytes(loaded)} of ${formatBytes(total)}`
    : "Checking the model…");
}

/** @param {string} modelUrl */
function loadModel(modelUrl) {
  return load(modelUrl, {
    onProgress: showProgress,
    ...(wishes.has("variant") && { variant: /** @type {any} */ (wishes.get("variant")) }),
    ...(wishes.has("threads") && { threads: Number(wishes.get("threads")) }),
  });
}

/** @param {import("./simile/index.js").Embedder} model @param {string} modelUrl */
async function becomeOffline(model, modelUrl) {
  if (!canKeep()) return setText("offline", "This browser does not keep pages from here");
  setText("offline", "Keeping a copy…");
  try {
    // The last panel's part of the package, too, is to be there before the network is not.
    await model.embedTokens("a");
    const isCached = ["hit", "miss", "healed"].includes(progress.cache ?? "");
    showBytes(progress, await keepForOffline(model.info().variant, isCached ? undefined : modelUrl));
    setText("offline", "Works offline now");
    element("offline-badge").hidden = false;
    document.body.dataset.offline = "yes";
  } catch {
    setText("offline", "No copy could be kept");
    document.body.dataset.offline = "no";
  }
}

/** @type {Details | undefined} */
let details;

async function start() {
  const precision = wishes.get("model") === "f32" ? "f32" : "int8";
  const modelUrl = `models/all-minilm-l6-v2.${precision}.simile`;
  const begin = performance.now();
  const model = await loadModel(modelUrl);
  setText("load-time", formatTime(performance.now() - begin));
  setText("model-name", `all-MiniLM-L6-v2, ${precision}`);
  details = new Details(model);
  live = new LiveRanking(model, listener);
  live.setQuery(query.value, performance.now());
  await live.setList(sentences);
  element("deeper").hidden = false;
  new WordView(model);
  showCosts(model.info(), progress);
  document.body.dataset.state = "ready";
  void becomeOffline(model, modelUrl);
}

async function tryToStart() {
  document.body.dataset.state = "loading";
  element("loading").hidden = false;
  element("error").hidden = element("retry").hidden = true;
  await start().catch(showStartError);
  element("loading").hidden = true;
}

/** @param {any} error */
function showStartError(error) {
  showError(error, navigator.onLine ? "The model could not be loaded."
    : "There is no network, and this browser has not kept the model yet: it comes with the first visit.");
  element("retry").hidden = error.code === "invalid_argument" || error.code === "unsupported_environment";
  element("ranking").setAttribute("aria-busy", "false");
  document.body.dataset.state = "error";
}

showExample(examples.find(({ id }) => id === wishes.get("example")) ?? examples[0], wishes.get("q") ?? undefined);
element("retry").addEventListener("click", () => {
  query.focus(); // the button goes
  void tryToStart();
});
await nextTask(); // what is above is drawn first
await tryToStart();
