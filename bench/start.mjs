// SPDX-License-Identifier: Apache-2.0
// The start of each runtime alone: cold in a fresh profile, then warm, with what was
// kept (HTTP cache, Cache API, compiled code); bytes over the wire, and memory.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import { chromium } from "playwright-core";
import { browsers } from "../tests/browser/support/browsers.js";
import { findProgram } from "../tests/browser/support/programs.js";
import { figure } from "../web/bench/measure/summary.js";
import { serveBench } from "./bench-page.mjs";
import { startRuntimes } from "./scenarios.mjs";

// Long enough for a browser to keep what it compiled.
const keepMs = 3000;

/** A profile on disk, as a person's is: Playwright's own contexts keep less. */
async function chromiumProfile() {
  const folder = await mkdtemp(join(tmpdir(), "simile-bench-"));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: findProgram("chromium", "chromium-browser", "google-chrome"),
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  return {
    newPage: async () => {
      const page = await context.newPage();
      return {
        goto: (url) => page.goto(url),
        evaluate: (body) => page.evaluate(body),
        close: () => page.close(),
      };
    },
    async close() {
      await context.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Elsewhere, one page that is navigated again. */
async function otherProfile(name) {
  const browser = await browsers[name]();
  const page = await browser.newPage();
  return {
    newPage: async () => ({ goto: page.goto, evaluate: page.evaluate, close: async () => {} }),
    async close() {
      await page.close();
      await browser.close();
    },
  };
}

async function startPage(profile, url) {
  const page = await profile.newPage();
  try {
    await page.goto(url);
    return JSON.parse(await page.evaluate(async () => {
      while (document.body.dataset.result === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
      return document.body.dataset.result;
    }));
  } finally {
    await page.close();
  }
}

/** The best quality takes a minute for a peer's 14 MB and saves a few hundredths more. */
const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/** Bytes of what was asked for: as they are, and as a host with brotli sends them. */
async function weigh(server, paths) {
  const total = { code: 0, codeBrotli: 0, model: 0 };
  for (const path of new Set(paths)) {
    const body = Buffer.from(await (await fetch(server.url(path), { headers: { connection: "close" } })).arrayBuffer());
    const isModel = /\/models\//.test(path);
    total[isModel ? "model" : "code"] += body.length;
    if (!isModel) total.codeBrotli += (await promisify(brotliCompress)(body, brotli)).length;
  }
  return total;
}

/** Cold, warm and, of the first load alone, bytes and memory. */
async function measureOnce(server, browser, runtime, isFirst) {
  const profile = await (browser === "chromium" ? chromiumProfile() : otherProfile(browser));
  const url = server.url(`/bench/start.html?runtime=${runtime}`);
  try {
    server.requests.length = 0;
    const cold = await startPage(profile, url);
    if (cold.error !== undefined) return { cold };
    const requests = server.requests.filter((path) => !path.endsWith("favicon.ico"));
    await new Promise((resolve) => setTimeout(resolve, keepMs));
    const warm = await startPage(profile, url);
    if (!isFirst) return { cold, warm };
    const { heapBytes, pageBytes } = await startPage(profile, `${url}&memory`);
    return { cold, warm, heapBytes, pageBytes, bytes: await weigh(server, requests) };
  } finally {
    await profile.close();
  }
}

/**
 * @param {import("./peer-setup.mjs").Peers} peers
 * @param {import("./measure.mjs").Options} options
 * @param {(line: string) => void} tell
 */
export async function measureStart(peers, { browser, loads, runtimes }, tell) {
  const server = await serveBench(peers, { isolated: true, cacheControl: "max-age=3600" });
  const names = startRuntimes.filter((name) => runtimes.includes(name));
  const all = Object.fromEntries(names.map((name) => [name, []]));
  try {
    for (let i = 0; i < loads; ++i) {
      for (const name of names) {
        all[name].push(await measureOnce(server, browser, name, i === 0));
        tell(`start ${i + 1} of ${loads}, ${name}`);
      }
    }
  } finally {
    await server.close();
  }
  return Object.fromEntries(Object.entries(all).map(([name, found]) => [name, summarize(found)]));
}

function summarize(found) {
  const error = found.map(({ cold, warm }) => cold.error ?? warm.error).find((one) => one !== undefined);
  if (error !== undefined) return { error };
  const of = (kind, name) => figure(found.map((one) => [one[kind][name]]));
  const { heapBytes, pageBytes, bytes } = found[0];
  return {
    cold: of("cold", "firstVectorMs"),
    warm: of("warm", "firstVectorMs"),
    // Of the warm start: when the script ran, and when the model was ready.
    warmScript: of("warm", "startedMs"),
    warmReady: of("warm", "openMs"),
    heapBytes, pageBytes, bytes,
  };
}
