// SPDX-License-Identifier: Apache-2.0
// The cache in real browsers: what was loaded once loads again without a server,
// heals, is shared by tabs, and is done without where there is none.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { FileServer } from "../js/file-server.js";
import { checkpointFiles } from "../js/tiny-checkpoint.js";
import { checkpoint, convert, removeCheckpoints } from "../js/tiny-model.js";
import { browsers } from "./support/browsers.js";
import { freshPageForEach } from "./support/fresh-page.js";
import { modelPath, serveSite } from "./support/site.js";

const timeoutMs = 120_000;

/** @type {import("./support/server.js").StaticServer} */
let site;
/** Of models, at another origin than the page. @type {FileServer} */
let models;
/** @type {Uint8Array} */
let file;

beforeAll(async () => {
  site = await serveSite();
  file = await convert(await checkpoint());
});
beforeEach(async () => {
  models = await FileServer.start();
});
afterEach(() => models.close());
afterAll(async () => {
  await Promise.all([site.close(), removeCheckpoints()]);
});

/**
 * In the page: loads a model and says how it came.
 * @param {{ url: string, options?: object }} argument
 */
async function use({ url, options }) {
  const { load } = await import("/simile/index.js");
  try {
    const model = await load(url, options);
    const { cache, cacheReason } = model.info();
    const { count } = await model.embed("the cat");
    model.dispose();
    return { cache, cacheReason, count };
  } catch (error) {
    return { code: error.code, message: error.message };
  }
}

/** In the page: flips a bit of everything that is stored but records. */
async function damage() {
  const cache = await caches.open("simile-models-v1");
  for (const request of await cache.keys()) {
    if (request.url.endsWith("%23record")) continue;
    const bytes = new Uint8Array(await (await cache.match(request)).arrayBuffer());
    bytes[bytes.length >> 1] ^= 1;
    await cache.put(request, new Response(bytes));
  }
}

/**
 * In the page: WebKit under a driver is as in private browsing, where a cache ends
 * with the last worker or page that has it open.
 */
async function holdCache() {
  globalThis.heldCache = await caches.open("simile-models-v1");
}

/** In the page. */
async function listModels() {
  const { modelCache } = await import("/simile/index.js");
  return modelCache.list();
}

describe.each(Object.entries(browsers))("in %s", (name, launch) => {
  /** @type {import("./support/browsers.js").Page} */
  let page;
  freshPageForEach(launch, async (fresh) => {
    page = fresh;
    await page.goto(site.url("/empty/"));
    await page.evaluate(holdCache);
  });

  test("a model that was loaded loads again without its server", async () => {
    const own = await serveSite();
    await page.goto(own.url("/empty/"));
    await page.evaluate(holdCache);
    expect(await page.evaluate(use, { url: modelPath })).toMatchObject({ cache: "miss", count: 1 });
    const before = own.requests.filter((path) => path === modelPath).length;
    expect(await page.evaluate(use, { url: modelPath })).toMatchObject({ cache: "hit", count: 1 });
    expect(await page.evaluate(use, { url: own.url(modelPath), options: { worker: false } })).toMatchObject({ cache: "hit" });
    expect(own.requests.filter((path) => path === modelPath)).toHaveLength(before);
    const [{ url, bytes }] = await page.evaluate(listModels);
    expect([url, bytes > 2e7]).toEqual([own.url(modelPath), true]);
    await own.close();
  }, timeoutMs);

  test("a checkpoint is converted once", async () => {
    const url = models.serveFolder("/c/", checkpointFiles());
    expect(await page.evaluate(use, { url })).toMatchObject({ cache: "miss", count: 1 });
    await models.close();
    expect(await page.evaluate(use, { url })).toMatchObject({ cache: "hit", count: 1 });
    models = await FileServer.start();
  }, timeoutMs);

  test("a damaged entry heals", async () => {
    const url = models.serve("/m.simile", { body: file });
    expect(await page.evaluate(use, { url })).toMatchObject({ cache: "miss" });
    await page.evaluate(damage);
    expect(await page.evaluate(use, { url })).toMatchObject({ cache: "healed", count: 1 });
    expect(await page.evaluate(use, { url })).toMatchObject({ cache: "hit", count: 1 });
    expect(models.requests).toHaveLength(2);
  }, timeoutMs);

  test("a download from another origin goes on after a cut", async () => {
    const url = models.serve("/m.simile", { body: file, etag: "\"a\"", cuts: [20_000] });
    expect(await page.evaluate(use, { url })).toMatchObject({ cache: "miss", count: 1 });
    expect(models.requests).toHaveLength(2);
    expect(models.requests[1]).toMatch(/ bytes=\d+-$/);
  }, timeoutMs);
});

describe.each(["chromium", "firefox"])("two tabs of %s", (name) => {
  /** @type {import("./support/browsers.js").Browser} */
  let browser;
  beforeAll(async () => {
    browser = await browsers[name]();
  }, timeoutMs);
  afterAll(() => browser?.close(), timeoutMs);

  /** @param {(first: import("playwright-core").Page, second: import("playwright-core").Page) => Promise<void>} work */
  async function withTabs(work) {
    const page = await browser.newPage();
    const first = /** @type {import("playwright-core").Page} */ (page.playwright);
    const second = await first.context().newPage();
    try {
      await Promise.all([first, second].map((tab) => tab.goto(site.url("/empty/"))));
      await work(first, second);
    } finally {
      await page.close();
    }
  }

  test("share one download", () => withTabs(async (first, second) => {
    const url = models.serve("/m.simile", { body: file });
    const uses = await Promise.all([first, second].map((tab) => tab.evaluate(use, { url })));
    expect(uses.map(({ cache }) => cache).sort()).toEqual(["hit", "miss"]);
    expect(models.requests).toHaveLength(1);
  }), timeoutMs);

  test("one closed while it downloads leaves it to the other", () => withTabs(async (first, second) => {
    /** @type {Promise<unknown>} */
    const isAsked = new Promise((resolve) => {
      models.serve("/m.simile", { body: file, holds: [20_000], onRequest: () => resolve(undefined) });
    });
    const url = `${models.origin}/m.simile`;
    const lost = first.evaluate(use, { url }).catch(() => "closed");
    await isAsked;
    const other = second.evaluate(use, { url });
    await first.close();
    expect(await other).toMatchObject({ cache: "miss", count: 1 });
    expect(await lost).toBe("closed");
    expect(models.requests).toHaveLength(2);
  }), timeoutMs);
});

describe("where a page may not store", () => {
  /** @type {import("./support/browsers.js").Page} */
  let page;
  freshPageForEach(browsers.chromium, async (fresh) => {
    page = fresh;
    await page.goto(site.url("/empty/"));
  });

  test("as much as the model takes, it works from memory", async () => {
    const { playwright } = page;
    const devTools = await playwright?.context().newCDPSession(playwright);
    const origin = site.url("/").slice(0, -1);
    await devTools?.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1_000_000 });
    const used = await page.evaluate(use, { url: modelPath });
    expect(used).toMatchObject({ cache: "memory", cacheReason: expect.stringMatching(/^cannot store: ./), count: 1 });
    expect(await page.evaluate(listModels)).toEqual([]);
    await devTools?.send("Storage.overrideQuotaForOrigin", { origin });
    expect(await page.evaluate(use, { url: modelPath })).toMatchObject({ cache: "miss" });
  }, timeoutMs);

  test("anything, it works from memory", async () => {
    const used = await page.evaluate(async (url) => {
      // As in a sandboxed frame.
      Object.defineProperty(globalThis, "caches", { get() {
        throw new DOMException("no storage here", "SecurityError");
      } });
      const { load } = await import("/simile/index.js");
      const model = await load(url, { worker: false });
      const { cache, cacheReason } = model.info();
      model.dispose();
      return { cache, cacheReason };
    }, models.serve("/m.simile", { body: file }));
    expect(used).toEqual({ cache: "memory", cacheReason: "cannot store: no storage here" });
  }, timeoutMs);
});
