// SPDX-License-Identifier: Apache-2.0
// Measures Simile beside onnxruntime-web in headless Chromium: several fresh
// page loads, because one load's figures can be far off, and the median over
// them of each load's median.

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { browsers } from "../tests/browser/support/browsers.js";
import { StaticServer } from "../tests/browser/support/server.js";

const here = dirname(fileURLToPath(import.meta.url));
const golden = join(here, "../tests/golden");
const checkedTexts = 20;
// Less would mean that the peer, or its model, does something else than we do.
const minCosine = { simile: 0.99, peer: 0.95 };

export const lengths = [8, 16, 32, 64, 128, 256];

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The reference's vectors of the first golden texts. */
async function readReference() {
  const { vectors, fixed_point: unit } = JSON.parse(await readFile(join(golden, "vectors.json"), "utf8"));
  const texts = (await readFile(join(golden, "texts.txt"), "utf8")).split("\n").slice(0, checkedTexts);
  return texts.map((text, i) => {
    const bytes = Buffer.from(vectors[i], "base64");
    const vector = Array.from({ length: bytes.length / 2 }, (_, k) => bytes.readInt16LE(2 * k) / unit);
    return { text, vector };
  });
}

/** @param {number[]} a @param {number[]} b */
function cosine(a, b) {
  const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/**
 * @param {Record<string, number[][]>} vectors by runtime
 * @param {{ vector: number[] }[]} reference
 * @returns {Record<string, number>} the mean cosine of each
 */
function fidelity(vectors, reference) {
  return Object.fromEntries(Object.entries(vectors).map(([name, list]) => {
    const cosines = list.map((vector, i) => cosine(vector, reference[i].vector));
    const mean = cosines.reduce((sum, value) => sum + value) / cosines.length;
    if (!(mean >= minCosine[name])) throw new Error(`${name}: mean cosine ${mean} to the reference`);
    return [name, mean];
  }));
}

/**
 * @param {{ times: Record<string, Record<string, number[]>> }[]} loads
 * @param {number} length
 */
function summarize(loads, length) {
  const of = (name) => {
    const medians = loads.map(({ times }) => median(times[length][name]));
    const bests = loads.map(({ times }) => Math.min(...times[length][name]));
    return { median: median(medians), best: Math.min(...bests), medians, bests };
  };
  const [simile, peer] = [of("simile"), of("peer")];
  return { tokens: length, simile, peer, ratio: median(simile.medians.map((ms, i) => peer.medians[i] / ms)) };
}

/**
 * @param {{ dist: string, peerDist: string, peerModels: string }} folders
 * @param {{ loads: number, runs: number, variant: string, threads: number }} settings
 * @param {(done: number) => void} onLoad after each page load
 */
export async function measure(folders, { loads: count, ...settings }, onLoad) {
  const reference = await readReference();
  const texts = reference.map(({ text }) => text);
  const server = await StaticServer.start({
    folders: {
      "/": folders.dist,
      "/bench/": join(here, "page"),
      "/peer/": folders.peerDist,
      "/peer-model/": folders.peerModels,
    },
    isolated: true, // timers of 5 µs
  });
  const browser = await browsers.chromium();
  try {
    const loads = [];
    for (let i = 0; i < count; ++i) {
      const page = await browser.newPage();
      await page.goto(server.url("/bench/"));
      loads.push(await page.evaluate((all) => import("/bench/bench.js").then(({ run }) => run(all)),
        { ...settings, lengths, texts }));
      await page.close();
      onLoad(loads.length);
    }
    return {
      settings,
      info: loads[0].info,
      meanCosine: fidelity(loads[0].vectors, reference),
      lengths: lengths.map((length) => summarize(loads, length)),
    };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** @param {Awaited<ReturnType<typeof measure>>} result */
export function table({ lengths: rows, settings, meanCosine }) {
  const ms = ({ median: middle, best, medians }) => {
    const [mid, least, low, high] = [middle, best, Math.min(...medians), Math.max(...medians)]
      .map((time) => time.toFixed(2));
    return `${mid} (${least}; ${low}–${high})`;
  };
  const lines = rows.map(({ tokens, simile, peer, ratio }) =>
    `${String(tokens).padStart(6)}  ${ms(simile).padEnd(32)}${ms(peer).padEnd(36)}${ratio.toFixed(2)}`);
  return [
    `all-MiniLM-L6-v2 in int8, ${settings.variant}, ${settings.threads} thread(s), one text at a time.`,
    "Milliseconds: median of the page loads' medians (best of all; range of the medians).",
    `${"tokens".padStart(6)}  ${"Simile, with tokenising".padEnd(32)}${"onnxruntime-web, without".padEnd(36)}ratio`,
    ...lines,
    `mean cosine to the reference: Simile ${meanCosine.simile.toFixed(4)}, peer ${meanCosine.peer.toFixed(4)}`,
  ].join("\n");
}
