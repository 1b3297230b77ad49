// SPDX-License-Identifier: Apache-2.0
// What a load takes of the whole page: not the module's heap alone but everything in the
// renderer process, its worker's JavaScript and what is on its way among it.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { browsers } from "./support/browsers.js";
import { dist, modelPath, serveSite } from "./support/site.js";

const timeoutMs = 60_000;
const sampleMs = 5;
/** When garbage is collected is chance; what is held is held every time. */
const tries = 3;
/**
 * What the issue allows is 1.3 times the file and 16 MB. A process has more: a worker's
 * JavaScript engine, compiled code, garbage. A second copy of the model would not go in.
 */
const ownBytes = 8 << 20;

/** @type {import("./support/server.js").StaticServer} */
let site;
beforeAll(async () => void (site = await serveSite()));
afterAll(() => site.close());

/** @param {number} pid @returns {Promise<number>} bytes in memory that come from no file */
async function memoryOf(pid) {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return [.../** @type {any} */ (status.matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm))]
    .reduce((sum, [, kilobytes]) => sum + kilobytes * 1024, 0);
}

/**
 * @param {number[]} pids
 * @param {() => Promise<unknown>} work
 * @returns {Promise<number>} how much more one of the processes had at most than before:
 *   the page's, since the others (a spare one among them) take no part
 */
async function peakDuring(pids, work) {
  const sample = () => Promise.all(pids.map(memoryOf));
  const before = await settled(sample);
  let peak = 0;
  let isDone = false;
  const sampling = (async () => {
    while (!isDone) {
      const now = await sample();
      peak = Math.max(peak, ...now.map((bytes, i) => bytes - before[i]));
      await pause(sampleMs);
    }
  })();
  try {
    await work();
  } finally {
    isDone = true;
    await sampling;
  }
  return peak;
}

/**
 * @param {() => Promise<number[]>} sample
 * @returns {Promise<number[]>} as it is once the processes have started
 */
async function settled(sample) {
  let last = await sample();
  for (let quiet = 0; quiet < 10;) {
    await pause(50);
    const now = await sample();
    quiet = now.every((bytes, i) => Math.abs(bytes - last[i]) < 1 << 18) ? quiet + 1 : 0;
    last = now;
  }
  return last;
}

/** In the page. @param {{ url: string, cache: boolean }} what */
async function loadModel({ url, cache }) {
  const { load } = await import("/simile/index.js");
  globalThis.model = await load(url, { cache, workers: 1 });
  return globalThis.model.info().cache;
}

/**
 * In a browser of its own.
 * @param {boolean} cache
 */
async function peakOfLoad(cache) {
  const browser = await browsers.chromium();
  try {
    const page = /** @type {any} */ ((await browser.newPage()).playwright);
    await page.goto(site.url("/empty/"));
    const session = await page.context().browser().newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const renderers = processInfo.filter((/** @type {any} */ { type }) => type === "renderer");
    /** @type {unknown} */
    let state;
    const peak = await peakDuring(renderers.map((/** @type {any} */ { id }) => id), async () => {
      state = await page.evaluate(loadModel, { url: modelPath, cache });
    });
    return { state, peak };
  } finally {
    await browser.close();
  }
}

test.each([
  ["fetched", false, "off"],
  ["fetched and kept", true, "miss"],
])("a page that loads a model holds it once (%s)", async (_, cache, expected) => {
  const { length } = await readFile(join(dist, modelPath));
  const peaks = [];
  for (let i = 0; i < tries; ++i) {
    const { state, peak } = await peakOfLoad(cache);
    expect(state).toBe(expected);
    expect(peak).toBeGreaterThan(length); // it is there that the model is
    peaks.push(peak);
  }
  expect(Math.min(...peaks)).toBeLessThanOrEqual(1.3 * length + (16 << 20) + ownBytes);
}, timeoutMs);
