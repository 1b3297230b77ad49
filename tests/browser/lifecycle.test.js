// SPDX-License-Identifier: Apache-2.0
// A model's life in real browsers: a slow download, aborts, much work, many loads, a
// tab that comes back while the server is down; and the memory that all this takes.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { FileServer } from "../js/file-server.js";
import { browsers } from "./support/browsers.js";
import { freshPageForEach } from "./support/fresh-page.js";
import { expectReferenceScores } from "./support/reference.js";
import { dist, modelPath, serveSite } from "./support/site.js";

const timeoutMs = 120_000;
const abortLimitMs = 50;

/** @type {import("./support/server.js").StaticServer} */
let site;
/** @type {import("./support/server.js").StaticServer} */
let isolatedSite;
/** Of models, at another origin than the page. @type {FileServer} */
let models;
/** @type {Buffer} */
let file;

beforeAll(async () => {
  [site, isolatedSite] = await Promise.all([serveSite(), serveSite({ isolated: true })]);
  file = await readFile(join(dist, modelPath));
});
beforeEach(async () => {
  models = await FileServer.start();
});
afterEach(() => models.close());
afterAll(() => Promise.all([site.close(), isolatedSite.close()]));

/**
 * Serves the model as a slow line brings it, to any page.
 * @param {{ pieces: number, everyMs: number }} pace
 */
async function serveSlowly({ pieces, everyMs }) {
  const size = Math.ceil(file.length / pieces);
  async function* inPieces() {
    for (let begin = 0; begin < file.length; begin += size) {
      yield file.subarray(begin, begin + size);
      await pause(everyMs);
    }
  }
  const server = createServer((_, response) => {
    response.writeHead(200, { "access-control-allow-origin": "*", "content-length": file.length });
    Readable.from(inPieces()).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/m.simile`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** In the page: loads, ranks, and says how. @param {string} url */
async function loadAndRank(url) {
  const { load } = await import("/simile/index.js");
  const fractions = [];
  const model = await load(url, { onProgress: ({ fraction }) => fractions.push(fraction) });
  const ranked = await model.rank("I love machine learning",
    ["Artificial intelligence is amazing", "Bananas are yellow"]);
  const { cache } = model.info();
  model.dispose();
  return { cache, fractions, scores: ranked.map(({ score }) => score) };
}

/** In the page: aborts a load once its first bytes are here. @param {string} url */
async function abortLoad(url) {
  const { load } = await import("/simile/index.js");
  const controller = new AbortController();
  let fraction = 0;
  await new Promise((begin) => {
    globalThis.settled = load(url, {
      signal: controller.signal,
      onProgress: (now) => {
        fraction = now.fraction;
        if (fraction > 0) begin(undefined);
      },
    }).catch(({ name }) => ({ name, at: performance.now() }));
  });
  const abortedAt = performance.now();
  controller.abort();
  const { name, at } = await globalThis.settled;
  return { name, fraction, ms: at - abortedAt };
}

/** In the page: aborts a call for 3,000 texts on its way. @param {string} url */
async function abortEmbed(url) {
  const { load } = await import("/simile/index.js");
  const model = await load(url);
  const texts = Array.from({ length: 3000 }, (_, i) => `sentence number ${i} of a long list`);
  const [before] = await model.embed(texts[0]);
  const controller = new AbortController();
  let done = 0;
  let settled;
  await new Promise((begin) => {
    const onProgress = (now) => {
      done = now.done;
      begin(undefined);
    };
    settled = model.embed(texts, { signal: controller.signal, onProgress })
      .catch(({ name }) => ({ name, at: performance.now() }));
  });
  const abortedAt = performance.now();
  controller.abort();
  const { name, at } = await settled;
  const [after] = await model.embed(texts[0]);
  model.dispose();
  return { name, done, ms: at - abortedAt, isSame: before.every((x, i) => x === after[i]) };
}

/** In the page: the heap after 200 calls, and after 2,000. @param {string} url */
async function embedOften(url) {
  const { load } = await import("/simile/index.js");
  const model = await load(url);
  const heaps = [];
  for (let i = 1; i <= 2000; ++i) {
    await model.embed(`call number ${i} is ${"very ".repeat(i % 3)}much like the one before`);
    if (i === 200 || i === 2000) heaps.push(model.info().heapBytes);
  }
  model.dispose();
  return heaps;
}

/** In the page: loads and disposes of a model over and over. @param {{ url: string, times: number }} argument */
async function loadOften({ url, times }) {
  const { load } = await import("/simile/index.js");
  const firsts = [];
  for (let i = 0; i < times; ++i) {
    const model = await load(url);
    firsts.push((await model.embed("the same text"))[0][0]);
    model.dispose();
  }
  return firsts;
}

/** In the page: the heap of a load on the page's own thread; it never shrinks. @param {string} url */
async function heapOfLoad(url) {
  const { load } = await import("/simile/index.js");
  const model = await load(url, { worker: false });
  const { heapBytes } = model.info();
  model.dispose();
  return heapBytes;
}

describe.each(["chromium", "firefox"])("in %s", (name) => {
  /** @type {import("./support/browsers.js").Page} */
  let page;
  freshPageForEach(browsers[name], async (fresh) => {
    page = fresh;
    await page.goto(site.url("/empty/"));
  });

  test("a slow download shows how far it is, and ends in the right scores", async () => {
    const slow = await serveSlowly({ pieces: 20, everyMs: 75 });
    const { fractions, scores } = await page.evaluate(loadAndRank, slow.url);
    await slow.close();
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.filter((fraction) => fraction === 1)).toEqual([1]);
    expect(new Set(fractions).size).toBeGreaterThan(5);
    expectReferenceScores(scores, "int8");
  }, timeoutMs);

  test("a load that hangs is aborted at once, and the next one works", async () => {
    const url = models.serve("/m.simile", { body: file, holds: [8_000_000] });
    const { ms, fraction, name: errorName } = await page.evaluate(abortLoad, url);
    expect(errorName).toBe("AbortError");
    expect(fraction).toBeLessThan(1);
    expect(ms).toBeLessThan(abortLimitMs);
    expectReferenceScores((await page.evaluate(loadAndRank, url)).scores, "int8");
  }, timeoutMs);

  test("a call for 3,000 texts is aborted at once, and the next one works", async () => {
    const { ms, done, ...rest } = await page.evaluate(abortEmbed, modelPath);
    expect(rest).toEqual({ name: "AbortError", isSame: true });
    expect(done).toBeLessThan(3000);
    expect(ms).toBeLessThan(abortLimitMs);
  }, timeoutMs);

  test("2,000 calls leave the heap as 200 did", async () => {
    const [early, late] = await page.evaluate(embedOften, modelPath);
    expect(early).toBeGreaterThan(0);
    expect(late).toBe(early);
  }, timeoutMs);

  test("a tab that is closed and opened again while the server is down has its model", async () => {
    const url = models.serve("/m.simile", { body: file });
    expect(await page.evaluate(loadAndRank, url)).toMatchObject({ cache: "miss" });
    const first = /** @type {import("playwright-core").Page} */ (page.playwright);
    await models.close();
    await first.close();
    const second = await first.context().newPage();
    await second.goto(site.url("/empty/"));
    const { cache, scores } = await second.evaluate(loadAndRank, url);
    models = await FileServer.start();
    expect(cache).toBe("hit");
    expectReferenceScores(scores, "int8");
  }, timeoutMs);
});

describe("in Chromium, which can be asked", () => {
  /** @type {import("./support/browsers.js").Page} */
  let page;
  freshPageForEach(browsers.chromium, (fresh) => {
    page = fresh;
  });

  test("twenty loads and disposals leave no worker behind", async () => {
    const tab = /** @type {import("playwright-core").Page} */ (page.playwright);
    let made = 0;
    tab.on("worker", () => ++made);
    await page.goto(site.url("/empty/"));
    const firsts = await page.evaluate(loadOften, { url: modelPath, times: 20 });
    expect(new Set(firsts).size).toBe(1);
    expect(made).toBeGreaterThanOrEqual(20);
    await Promise.all(tab.workers().map((worker) => new Promise((resolve) => worker.once("close", resolve))));
    expect(tab.workers()).toEqual([]);
  }, timeoutMs);

  test("the heap of a load is little more than its file", async () => {
    await page.goto(isolatedSite.url("/empty/"));
    const heapBytes = await page.evaluate(heapOfLoad, modelPath);
    expect(heapBytes).toBeGreaterThan(file.length);
    expect(heapBytes).toBeLessThanOrEqual(1.3 * file.length + (16 << 20));
  }, timeoutMs);
});
