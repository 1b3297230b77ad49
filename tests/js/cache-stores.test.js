// SPDX-License-Identifier: Apache-2.0
// Where models are kept: the Cache API, a store of the caller's, and the view of the
// package's own.

import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CacheApiStore } from "../../js/cache-stores.js";
import { load, modelCache } from "../../js/index.js";
import { file, folder, server, sha256, use, useCacheFolder } from "./cache-folder.js";
import { FakeCaches } from "./fake-caches.js";
import { expectError } from "./tiny-model.js";

useCacheFolder();

describe("in the Cache API", () => {
  /** @type {FakeCaches} */
  let caches;
  beforeEach(() => {
    caches = new FakeCaches();
  });

  test("a model is kept, read and healed", async () => {
    const url = server.serve("/m.simile", { body: file });
    const options = { cache: new CacheApiStore(caches) };
    expect(await use(url, options)).toBe("miss");
    expect(await use(url, options)).toBe("hit");
    const [[, bytes]] = caches.find(".simile");
    bytes[5000] ^= 1;
    expect(await use(url, options)).toBe("healed");
    expect(await use(url, options)).toBe("hit");
    expect([...caches.contents.keys()]).toEqual(["simile-models-v1"]);
    expect(await new CacheApiStore(caches).records()).toHaveLength(1);
    expect(server.requests).toHaveLength(2);
  });

  test("without space the model works from memory, and says so in info and progress", async () => {
    caches.quotaBytes = 1000;
    const url = server.serve("/m.simile", { body: file });
    /** @type {import("../../js/index.js").Progress[]} */
    const events = [];
    const options = { cache: new CacheApiStore(caches), onProgress: (/** @type {any} */ event) => events.push(event) };
    expect(await use(url, options)).toBe("memory: cannot store: no space left");
    expect(events.at(-1)).toMatchObject({ fraction: 1, cache: "memory", cacheReason: "cannot store: no space left" });
    expect(events.slice(0, -1).every((event) => event.cache === undefined)).toBe(true);
    expect(caches.find("")).toEqual([]);
    expect(await use(url, options)).toMatch(/^memory/);
  });

  test("where storage is denied the model works from memory", async () => {
    caches.denied = new DOMException("no storage for you", "SecurityError");
    const url = server.serve("/m.simile", { body: file });
    expect(await use(url, { cache: new CacheApiStore(caches) })).toBe("memory: cannot store: no storage for you");
  });
});

describe("a store of one's own", () => {
  test("of three functions is enough", async () => {
    /** @type {Map<string, ArrayBuffer>} */
    const map = new Map();
    const cache = {
      get: async (/** @type {string} */ key) => map.get(key),
      put: async (/** @type {string} */ key, /** @type {Response} */ content) => map.set(key, await content.arrayBuffer()),
      delete: async (/** @type {string} */ key) => map.delete(key),
    };
    const url = server.serve("/m.simile", { body: file });
    expect(await use(url, { cache })).toBe("miss");
    expect(await use(url, { cache })).toBe("hit");
    expect([...map.keys()]).toEqual([url, `${url}#record`]);
  });

  test.each([
    ["takes nothing", async () => {}],
    ["takes half", async (/** @type {string} */ _, /** @type {Response} */ content) => {
      const reader = /** @type {ReadableStream} */ (content.body).getReader();
      await reader.read();
      await reader.cancel();
    }],
    ["fails at once", async () => {
      throw new Error("broken");
    }],
  ])("that %s costs the cache, not the load", async (_, put) => {
    const cache = { get: async () => undefined, put, delete: async () => {} };
    const url = server.serve("/m.simile", { body: file });
    expect(await use(url, { cache })).toMatch(/^memory: cannot store: ./);
  });

  test.each([["yes"], [1], [{ get() {} }], [null]])("is not %j", async (cache) => {
    await expectError(load(file, { cache: /** @type {any} */ (cache) }), "invalid_argument", /cache/);
  });
});

describe("modelCache", () => {
  test("lists, deletes and clears", async () => {
    const urls = ["/a.simile", "/b.simile", "/c.simile"].map((path) => server.serve(path, { body: file }));
    for (const url of urls) await use(url);
    expect((await modelCache.list()).map(({ url }) => url).sort()).toEqual(urls);
    expect((await modelCache.list())[0]).toEqual({
      url: expect.any(String), bytes: file.length, sha256: sha256(file), storedAt: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(await modelCache.delete(new URL(urls[1]))).toBe(true);
    expect(await modelCache.delete(urls[1])).toBe(false);
    expect(await use(urls[1])).toBe("miss");
    writeFileSync(join(folder, "models", "mine.txt"), "");
    const body = readdirSync(join(folder, "models")).find((name) => name.endsWith(".simile"));
    writeFileSync(join(folder, "models", `${body}.1234.part`), "");
    await modelCache.clear();
    expect(readdirSync(join(folder, "models"))).toEqual(["mine.txt"]);
    expect(await modelCache.list()).toEqual([]);
  });
});
