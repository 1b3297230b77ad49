// SPDX-License-Identifier: Apache-2.0
// What `load` keeps of what it fetched, and what it does when that goes wrong.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { load, modelCache } from "../../js/index.js";
import { file, folder, server, sha256, startServer, use, useCacheFolder } from "./cache-folder.js";
import { checkpointFiles } from "./tiny-checkpoint.js";
import { checkpoint, expectError } from "./tiny-model.js";

useCacheFolder();

/** What lies in the folder, by ending. */
const stored = () => readdirSync(join(folder, "models")).map((name) => join(folder, "models", name)).sort();
const body = () => /** @type {string} */ (stored().find((path) => path.endsWith(".simile")));
const record = () => /** @type {string} */ (stored().find((path) => path.endsWith(".json")));

describe("a Simile file by URL", () => {
  test("is fetched once, and read from the cache without a request", async () => {
    const url = server.serve("/m.simile", { body: file });
    expect(await use(url)).toBe("miss");
    expect(await use(url)).toBe("hit");
    expect(await use(new URL(url))).toBe("hit");
    await server.close();
    expect(await use(`${url}#fragment`)).toBe("hit");
    expect(server.requests).toEqual(["/m.simile"]);
    await startServer();
  });

  test("lies beside a record of its address, length and hash", async () => {
    const url = server.serve("/m.simile", { body: file });
    await use(url);
    expect(stored()).toHaveLength(2);
    expect(readFileSync(body()).equals(file)).toBe(true);
    expect(JSON.parse(readFileSync(record(), "utf8"))).toMatchObject({ url, bytes: file.length, sha256: sha256(file) });
  });

  test("is not stored with cache: false, and fetched anew with 'reload'", async () => {
    const url = server.serve("/m.simile", { body: file });
    expect(await use(url, { cache: false })).toBe("off");
    expect(await modelCache.list()).toEqual([]);
    expect(await use(url)).toBe("miss");
    expect(await use(url, { cache: "reload" })).toBe("miss");
    expect(await use(url)).toBe("hit");
    expect(server.requests).toHaveLength(3);
  });

  test("of a known hash is checked, and kept apart from the same address without", async () => {
    const url = server.serve("/m.simile", { body: file });
    await expectError(load(url, { sha256: "0".repeat(64) }), "integrity", /sha256/);
    expect(await modelCache.list()).toEqual([]);
    expect(await use(url, { sha256: sha256(file) })).toBe("miss");
    expect(await use(url, { sha256: sha256(file).toUpperCase() })).toBe("hit");
    expect(await use(url)).toBe("miss");
    expect(await modelCache.list()).toHaveLength(2);
  });

  test.each([
    ["a flipped bit", () => flip(body())],
    ["a missing end", () => writeFileSync(body(), file.subarray(0, -100))],
    ["no byte at all", () => writeFileSync(body(), "")],
    ["a page in its place", () => writeFileSync(body(), "<!doctype html>")],
    ["a byte too many", () => writeFileSync(body(), Uint8Array.of(...file, 0))],
    ["a record that is no JSON", () => writeFileSync(record(), "{")],
    ["a record of zeros", () => writeFileSync(record(), "\0".repeat(100))],
    ["a record of another hash", () => writeFileSync(record(), readFileSync(record(), "utf8").replace(/[0-9a-f]{64}/, "0".repeat(64)))],
  ])("with %s in the cache heals itself", async (_, damage) => {
    const url = server.serve("/m.simile", { body: file });
    await use(url);
    damage();
    expect(await use(url)).toBe("healed");
    expect(await use(url)).toBe("hit");
    expect(server.requests).toHaveLength(2);
  });

  test("that is damaged in the cache while the server is away is an error, and heals later", async () => {
    const url = server.serve("/m.simile", { body: file });
    await use(url);
    flip(body());
    server.reset();
    await expectError(load(url), "network", /404/);
    server.serve("/m.simile", { body: file });
    expect(await use(url)).toBe("miss");
  });

  test.each([
    ["a page", { body: "<!doctype html>", type: "text/html" }, "network"],
    ["a page that calls itself a model", { body: "<!doctype html>" }, "bad_model"],
    ["half a file of no announced length", { noLength: true, half: true }, "bad_model"],
    ["a file cut on its way", { cuts: [1000] }, "network"],
    ["404", { status: 404 }, "network"],
  ])("is not stored when what came is %s", async (_, fault, code) => {
    const half = "half" in fault;
    const url = server.serve("/m.simile", { body: half ? file.subarray(0, file.length / 2) : file, ...fault });
    await expectError(load(url), code, /./);
    expect(await modelCache.list()).toEqual([]);
    server.serve("/m.simile", { body: file });
    expect(await use(url)).toBe("miss");
  });

  test("is stored whole after a download that was cut and went on", async () => {
    const url = server.serve("/m.simile", { body: file, etag: "\"a\"", cuts: [5000] });
    expect(await use(url)).toBe("miss");
    expect(await use(url)).toBe("hit");
    expect(server.requests).toEqual(["/m.simile", expect.stringMatching(/^\/m.simile bytes=\d+-$/)]);
  });

  test("that changes while it is downloaded is begun anew", async () => {
    /** @type {import("./file-server.js").Served} */
    const served = { body: file, etag: "\"a\"", cuts: [5000] };
    const url = server.serve("/m.simile", served);
    served.onRequest = () => {
      if (server.requests.length === 2) served.etag = "\"b\"";
    };
    /** @type {import("../../js/index.js").Progress[]} */
    const events = [];
    expect(await use(url, { onProgress: (event) => events.push(event) })).toBe("miss");
    expect(server.requests).toEqual(["/m.simile", expect.stringMatching(/ bytes=/), "/m.simile"]);
    for (const name of /** @type {const} */ (["fraction", "loaded"])) {
      const values = events.map((event) => event[name]);
      expect(values).toEqual([...values].sort((a, b) => a - b));
    }
    // Nor are the bytes counted twice. The module's are among them.
    const last = /** @type {import("../../js/index.js").Progress} */ (events.at(-1));
    const total = last.moduleBytes + file.length;
    expect(last).toMatchObject({ fraction: 1, cache: "miss", loaded: total, total });
  });
});

describe("a checkpoint's folder by URL", () => {
  test("is converted once; the small file is kept", async () => {
    const url = server.serveFolder("/c/", checkpointFiles());
    expect(await use(url)).toBe("miss");
    const asked = server.requests.length;
    expect(server.requests).toContain("/c/model.safetensors");
    expect(await use(url)).toBe("hit");
    expect(server.requests).toHaveLength(asked);
    expect(await modelCache.list()).toMatchObject([{ url, bytes: readFileSync(body()).length }]);
    expect(await use(readFileSync(body()))).toBe("off"); // it is a Simile file
  });

  test("is converted anew when what was kept is damaged; progress only grows", async () => {
    const url = server.serveFolder("/c/", checkpointFiles());
    await use(url);
    flip(body());
    /** @type {number[]} */
    const fractions = [];
    expect(await use(url, { onProgress: ({ fraction }) => fractions.push(fraction) })).toBe("healed");
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.filter((fraction) => fraction === 1)).toHaveLength(1);
    expect(fractions.at(-1)).toBe(1);
  });

  test("whose weights have another hash than expected leaves nothing", async () => {
    const url = server.serveFolder("/c/", checkpointFiles());
    await expectError(load(url, { sha256: "0".repeat(64) }), "integrity", /sha256/);
    expect(await modelCache.list()).toEqual([]);
  });
});

test.each([
  ["bytes", () => file],
  ["a Blob", () => new Blob([/** @type {any} */ (file)])],
  ["a Response", () => new Response(/** @type {any} */ (file))],
  ["a path", async () => join(await checkpoint(), "")],
])("%s are not cached", async (_, source) => {
  expect(await use(await source())).toBe("off");
  expect(await modelCache.list()).toEqual([]);
});

test("of loads at the same time one downloads and the others wait for it", async () => {
  const url = server.serve("/m.simile", { body: file });
  const states = await Promise.all([use(url), use(url), use(url)]);
  expect(states.sort()).toEqual(["hit", "hit", "miss"]);
  expect(server.requests).toHaveLength(1);
});

test("when the one that downloads fails, the next takes over", async () => {
  const url = server.serve("/m.simile", { body: file, cuts: [1000] });
  const [first, second] = await Promise.allSettled([use(url), use(url)]);
  expect([first.status, second.status].sort()).toEqual(["fulfilled", "rejected"]);
  expect(server.requests).toHaveLength(2);
});

describe("an abort", () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])("at event %i leaves no entry, or a whole one", async (count) => {
    const url = server.serveFolder("/c/", checkpointFiles());
    const controller = new AbortController();
    let events = 0;
    const onProgress = () => {
      if (events++ === count) controller.abort();
    };
    await load(url, { signal: controller.signal, onProgress }).then((model) => model.dispose(), (error) => {
      expect(error.name).toBe("AbortError");
    });
    const files = await modelCache.list();
    expect(files.length === 0 ? readdirSync(folder).flatMap((name) => readdirSync(join(folder, name))) : []).toEqual([]);
    expect(await use(url)).toBe(files.length === 0 ? "miss" : "hit");
  });

  test("of one that waits for another ends the waiting alone", async () => {
    /** @type {import("./file-server.js").Served} */
    const served = { body: file };
    const url = server.serve("/m.simile", served);
    const controller = new AbortController();
    served.onRequest = () => controller.abort();
    const first = use(url);
    const second = load(url, { signal: controller.signal });
    await expect(second).rejects.toMatchObject({ name: "AbortError" });
    expect(await first).toBe("miss");
    expect(await use(url)).toBe("hit");
  });

  test("of one that downloads lets the next one do it", async () => {
    /** @type {import("./file-server.js").Served} */
    const served = { body: file };
    const url = server.serve("/m.simile", served);
    const controller = new AbortController();
    served.onRequest = () => controller.abort();
    const first = load(url, { signal: controller.signal });
    const second = use(url);
    await expect(first).rejects.toMatchObject({ name: "AbortError" });
    expect(await second).toBe("miss");
  });

  test("when the module cannot start, a load that waits goes on", async () => {
    const url = server.serve("/m.simile", { body: file });
    const first = load(url, { wasmUrl: `${server.origin}/nowhere/` });
    const second = use(url);
    await expectError(first, "network", /nowhere/);
    expect(["hit", "miss"]).toContain(await second);
  });
});

/** @param {string} path */
function flip(path) {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(path, bytes);
}
