// SPDX-License-Identifier: Apache-2.0
// What a page feels while a bulk embed runs: a query beside it against the same query
// alone, how long its own thread is held, and how soon an abort takes effect.

import { load } from "../../simile/index.js";
import { median } from "./summary.js";

const model = new URL("../../models/all-minilm-l6-v2.int8.simile", import.meta.url).href;
const query = "Where can I find a good restaurant near the station?";
const idleRuns = 40;
const tickMs = 4; // less is not given to a timer that repeats
const pauseMs = 50;

const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {import("../../simile/index.js").Embedder} embedder */
async function timeQuery(embedder) {
  const began = performance.now();
  await embedder.embed(query);
  return performance.now() - began;
}

/** How late a timer comes: what else the page's thread did meanwhile. */
function watchThread() {
  let last = performance.now();
  const blocks = /** @type {number[]} */ ([]);
  const timer = setInterval(() => {
    const now = performance.now();
    blocks.push(now - last - tickMs);
    last = now;
  }, tickMs);
  return () => {
    clearInterval(timer);
    return Math.max(0, ...blocks);
  };
}

/**
 * @param {readonly string[]} texts
 * @returns {Promise<Record<string, number | number[]>>} milliseconds
 */
export async function measureBulk(texts) {
  const embedder = await load(model);
  try {
    await embedder.embed(texts.slice(0, 256));
    const idle = [];
    for (let i = 0; i < idleRuns; ++i) {
      idle.push(await timeQuery(embedder));
      await pause(10);
    }
    const stopWatching = watchThread();
    const began = performance.now();
    let isDone = false;
    const whole = embedder.embed(texts).finally(() => void (isDone = true));
    const beside = [];
    while (!isDone) {
      beside.push(await timeQuery(embedder));
      await pause(pauseMs);
    }
    await whole;
    const bulkMs = performance.now() - began;
    return { idle: median(idle), beside: median(beside), besideMost: Math.max(...beside), bulkMs,
      longestBlock: stopWatching(), abort: await timeAbort(embedder, texts) };
  } finally {
    embedder.dispose();
  }
}

/**
 * @param {import("../../simile/index.js").Embedder} embedder
 * @param {readonly string[]} texts
 */
async function timeAbort(embedder, texts) {
  const controller = new AbortController();
  const aborted = embedder.embed(texts, { signal: controller.signal }).catch(() => performance.now());
  await pause(500);
  const began = performance.now();
  controller.abort();
  return Number(await aborted) - began;
}
