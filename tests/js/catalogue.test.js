// SPDX-License-Identifier: Apache-2.0
// `load()` by name and without one: the checkpoint of the catalogue, from a mirror of
// the Hub on this machine.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load, modelCache } from "../../js/index.js";
import { homeOf, modelCatalog } from "../../js/model-catalog.js";
import { cacheDir } from "../../tools/setup/paths.mjs";
import { server, use, useCacheFolder } from "./cache-folder.js";
import { expectError } from "./tiny-model.js";

const name = "all-MiniLM-L6-v2";
const checkpointDir = join(cacheDir, "models/all-minilm-l6-v2");
const { files, path, sha256 } = modelCatalog[name];
const weights = `/hub/${path}model.safetensors`;
const timeoutMs = 60_000;

useCacheFolder();
/** @type {Map<string, Uint8Array>} */
const contents = new Map();
const describeModel = existsSync(join(checkpointDir, "model.safetensors")) ? describe : describe.skip;

/** @returns {string} the mirror's address */
function serveHub() {
  for (const [file, body] of contents) server.serve(`/hub/${path}${file}`, { body });
  return `${server.origin}/hub`;
}

test("a named model is at home on the Hugging Face Hub, at a revision and with a hash", () => {
  expect(homeOf(modelCatalog[name])).toMatch(/^https:\/\/huggingface\.co\/sentence-transformers\/all-MiniLM-L6-v2\/resolve\/[0-9a-f]{40}\/$/);
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
});

test("a hub that is no URL is refused by its name", async () => {
  await expectError(load(name, { hub: "no url" }), "invalid_argument", /^hub: 'no url' makes no URL$/);
});

describeModel("from a mirror", () => {
  beforeAll(() => {
    for (const file of [...files, "model.safetensors"]) contents.set(file, readFileSync(join(checkpointDir, file)));
  });

  test("load() asks for the pinned files, converts them, and keeps the small one", async () => {
    const hub = serveHub();
    /** @type {import("../../js/index.js").Progress[]} */
    const events = [];
    const model = await load(undefined, { hub, onProgress: (event) => events.push(event) });
    expect([...server.requests].sort()).toEqual([...contents.keys()].map((file) => `/hub/${path}${file}`).sort());
    expect(model.info()).toMatchObject({
      cache: "miss", model: { name, dims: 384, precision: "int8", calibration: "none", sourceSha256: sha256 },
    });
    const [best] = await model.rank("I love machine learning", ["Bananas are yellow", "Artificial intelligence is amazing"]);
    expect(best.index).toBe(1);
    expect(Math.abs(best.score - 0.661568)).toBeLessThan(0.01);
    model.dispose();
    // What was converted here was not loaded from anywhere.
    const { fraction, loaded, total, moduleBytes } = /** @type {import("../../js/index.js").Progress} */ (events.at(-1));
    expect({ fraction, loaded, total })
      .toEqual({ fraction: 1, loaded: total, total: moduleBytes + /** @type {Uint8Array} */ (contents.get("model.safetensors")).length });

    const asked = server.requests.length;
    expect(await use(name, { hub })).toBe("hit");
    expect(server.requests).toHaveLength(asked);
    expect(await modelCache.list()).toMatchObject([{ url: `${hub}/${path}` }]);
    expect(await modelCache.delete(name)).toBe(true);
    expect(await modelCache.list()).toEqual([]);
  }, timeoutMs);

  test("load() in a worker fetches from there too", async () => {
    const hub = serveHub();
    expect(await use(undefined, { hub, worker: true })).toBe("miss");
    expect(server.requests).toContain(weights);
  }, timeoutMs);

  test("weights with another hash than the catalogue's are refused", async () => {
    const hub = serveHub();
    const changed = Uint8Array.from(/** @type {Uint8Array} */ (contents.get("model.safetensors")));
    changed[changed.length - 1] ^= 1;
    server.serve(weights, { body: changed });
    await expectError(load(name, { hub }), "integrity", new RegExp(`expected sha256 ${sha256}`));
    expect(await modelCache.list()).toEqual([]);
  }, timeoutMs);
});

// The last one: what it asked for on its way may arrive after its end.
test("a mirror without the model ends the load, and leaves nothing", async () => {
  await expectError(load(undefined, { hub: server.origin }), "network", /404/);
  expect(server.requests.every((request) => request.startsWith(`/${path}`))).toBe(true);
  expect(await modelCache.list()).toEqual([]);
});
