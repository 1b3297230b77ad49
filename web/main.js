// SPDX-License-Identifier: Apache-2.0
// The demo page: loads a model and keeps the ranking in step with what is typed.
// The address may ask for something else than the best choice:
// ?model=f32 & variant=simd|simd-threads|relaxed-simd|relaxed-simd-threads & threads=N.
//
// For tests and styles, <body data-state> is loading, ready or error, and
// <ol id="ranking" aria-busy> is "true" while it lags behind the text.

import { load } from "./simile/index.js";
import { RankingList } from "./ranking-list.js";

/** @param {string} id */
const element = (id) => /** @type {any} */ (document.getElementById(id));

const query = element("query");
const sentences = element("sentences");
const ranking = element("ranking");
const list = new RankingList(ranking);

/** @param {string} id @param {string} text */
function setText(id, text) {
  element(id).textContent = text;
}

/** @param {string} text nothing: hides it */
function showHint(text) {
  setText("hint", text);
  element("hint").hidden = text === "";
}

/** @param {any} error */
function showError(error) {
  setText("error", error.code ? `${error.message} (${error.code})` : `Something broke: ${error}`);
  element("error").hidden = false;
}

/** @param {number} bytes */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** @param {number} ms */
const milliseconds = (ms) => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`);

/** @param {{ loaded: number, total: number, fraction: number }} progress */
function showProgress({ loaded, total, fraction }) {
  element("progress").value = fraction;
  setText("loading-text", fraction < 1 && loaded < total
    ? `Loading the model: ${megabytes(loaded)} of ${megabytes(total)}`
    : "Checking the model…");
}

async function loadModel() {
  const wishes = new URLSearchParams(location.search);
  const precision = wishes.get("model") === "f32" ? "f32" : "int8";
  const start = performance.now();
  const model = await load(`models/all-minilm-l6-v2.${precision}.simile`, {
    onProgress: showProgress,
    ...(wishes.has("variant") && { variant: wishes.get("variant") }),
    ...(wishes.has("threads") && { threads: Number(wishes.get("threads")) }),
  });
  setText("load-time", milliseconds(performance.now() - start));
  setText("model-name", `all-MiniLM-L6-v2, ${precision}`);
  return model;
}

/** @param {import("./simile/index.js").Embedder} model */
function showInfo(model) {
  const { variant, variantReason, threads, memoryBytes } = model.info();
  setText("variant", variant);
  element("variant").title = variantReason;
  setText("threads", String(threads));
  setText("memory", megabytes(memoryBytes));
}

/**
 * Ranks what is there now. The sentences are embedded when they change, not
 * with every key pressed in the query.
 * @param {import("./simile/index.js").Embedder} model
 */
function createRanker(model) {
  let embedded = "";
  /** @type {import("./simile/index.js").Embeddings} */
  let vectors;
  return async () => {
    const lines = sentences.value.split("\n").map((line) => line.trim()).filter(Boolean);
    const text = query.value.trim();
    if (lines.length === 0 || text === "") {
      list.show([]);
      showHint(text === "" ? "Type a sentence to rank the others by." : "Type some sentences to rank, one a line.");
      return;
    }
    if (embedded !== lines.join("\n")) {
      vectors = await model.embed(lines);
      embedded = lines.join("\n");
    }
    const start = performance.now();
    const ranked = await model.rank(text, vectors);
    setText("query-time", milliseconds(performance.now() - start));
    list.show(ranked.map(({ index, score }) => ({ index, score, text: lines[index] })));
    showHint("");
  };
}

/**
 * Ranks now and after each change. While one ranking is under way, the changes
 * of that time are taken together by the next: the latest always wins, and none
 * is shown after a later one.
 * @param {() => Promise<void>} rankNow
 */
function followTyping(rankNow) {
  let isRunning = false;
  let isStale = false;
  const update = async () => {
    isStale = true;
    ranking.setAttribute("aria-busy", "true");
    if (isRunning) return;
    isRunning = true;
    while (isStale) {
      isStale = false;
      element("error").hidden = true;
      await rankNow().catch(showError);
    }
    isRunning = false;
    ranking.setAttribute("aria-busy", "false");
  };
  query.addEventListener("input", update);
  sentences.addEventListener("input", update);
  return update();
}

try {
  const model = await loadModel();
  await followTyping(createRanker(model));
  showInfo(model);
  document.body.dataset.state = "ready";
} catch (error) {
  showError(error);
  document.body.dataset.state = "error";
}
element("loading").hidden = true;
