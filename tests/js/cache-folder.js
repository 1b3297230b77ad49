// SPDX-License-Identifier: Apache-2.0
// For tests of what is kept: a server, a small Simile file to serve, and for each
// test an empty folder that the package keeps models in. The exports are live.

import { createHash } from "node:crypto";
import { load } from "../../js/index.js";
import { FileServer } from "./file-server.js";
import { removeFolder, writeFolder } from "./tiny-checkpoint.js";
import { checkpoint, convert, removeCheckpoints } from "./tiny-model.js";

/** @type {FileServer} */
export let server;
/** @type {Uint8Array} */
export let file;
/** @type {string} */
export let folder;

/** In place of the one that there was. */
export async function startServer() {
  server = await FileServer.start();
}

/** Sets all this up for the tests of a file. */
export function useCacheFolder() {
  const environment = process.env.SIMILE_CACHE;
  beforeAll(async () => {
    await startServer();
    file = await convert(await checkpoint());
  });
  afterAll(async () => {
    await Promise.all([server.close(), removeCheckpoints()]);
  });
  beforeEach(async () => {
    server.reset();
    folder = await writeFolder({});
    process.env.SIMILE_CACHE = folder;
  });
  afterEach(async () => {
    if (environment === undefined) delete process.env.SIMILE_CACHE;
    else process.env.SIMILE_CACHE = environment;
    await removeFolder(folder);
  });
}

/** @param {Uint8Array} bytes */
export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/**
 * Loads, embeds once, and says what the cache did.
 * @param {unknown} source
 * @param {import("../../js/index.js").LoadOptions} [options]
 */
export async function use(source, options) {
  const model = await load(/** @type {any} */ (source), options);
  const { cache, cacheReason } = model.info();
  expect((await model.embed("the cat")).count).toBe(1);
  model.dispose();
  return cacheReason === undefined ? cache : `${cache}: ${cacheReason}`;
}
