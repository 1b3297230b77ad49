// SPDX-License-Identifier: Apache-2.0
// The two places where the package keeps models: the Cache API of a page, and a
// folder in Node. Both have the shape of a store that a user may give instead
// (see ModelStore); what is put in it, and whether it is sound, is the affair of
// model-cache.js.

import { SimileError } from "./errors.js";
import { builtin, isNode, openFile } from "./node-files.js";

/**
 * A place for bytes under keys, which are strings. `put` replaces, and must not
 * leave half of what it could not write; `get` gives nothing for what is not there.
 * @typedef {object} ModelStore
 * @property {(key: string) => Promise<StoredBytes | undefined>} get
 * @property {(key: string, content: Response) => Promise<unknown>} put
 * @property {(key: string) => Promise<unknown>} delete
 */

/**
 * What openSource takes, or what openFile gives.
 * @typedef {Response | Blob | ArrayBuffer | Uint8Array | ReadableStream<Uint8Array> |
 *   { chunks: AsyncIterable<Uint8Array> }} StoredBytes
 */

/**
 * What the package's own stores can do beyond.
 * @typedef {ModelStore & { records: () => Promise<StoredBytes[]>, clear: () => Promise<void> }} OwnStore
 */

/** Ends the key of a record, which says what is stored under the key before it. */
export const recordEnding = "#record";

const cacheName = "simile-models-v1";
// The Cache API takes addresses for keys. Nothing is ever fetched from this one.
const keyPrefix = "https://simile.invalid/";

/**
 * The store of the place we run in.
 * @returns {OwnStore}
 */
export function ownStore() {
  if (isNode()) return new FolderStore(cacheFolder());
  // The getter itself throws in a page that may store nothing.
  const { caches } = globalThis;
  if (caches === undefined) {
    throw new SimileError("unsupported_environment", "only pages from https or localhost may store");
  }
  return new CacheApiStore(caches);
}

/** @implements {OwnStore} */
export class CacheApiStore {
  #caches;

  /** @param {Pick<CacheStorage, "open" | "delete">} caches */
  constructor(caches) {
    this.#caches = caches;
  }

  /** @param {string} key */
  async get(key) {
    return (await this.#open()).match(addressOf(key));
  }

  /** @param {string} key @param {Response} content */
  async put(key, content) {
    await (await this.#open()).put(addressOf(key), content);
  }

  /** @param {string} key */
  async delete(key) {
    await (await this.#open()).delete(addressOf(key));
  }

  async records() {
    const cache = await this.#open();
    const requests = (await cache.keys()).filter(({ url }) => url.endsWith(encodeURIComponent(recordEnding)));
    const records = await Promise.all(requests.map((request) => cache.match(request)));
    return records.filter((record) => record !== undefined);
  }

  async clear() {
    await this.#caches.delete(cacheName);
  }

  #open() {
    return this.#caches.open(cacheName);
  }
}

/** @param {string} key */
function addressOf(key) {
  return keyPrefix + encodeURIComponent(key);
}

/**
 * Two files for each model, the record with the ending .json. A file is written
 * beside its place and then renamed to it, so no reader sees half of one.
 * @implements {OwnStore}
 */
export class FolderStore {
  #folder;
  #fs = builtin("node:fs/promises");

  /** @param {string} folder need not exist */
  constructor(folder) {
    this.#folder = folder;
  }

  /** @param {string} key */
  async get(key) {
    const path = this.#path(key);
    const status = await this.#fs.stat(path).catch(() => undefined);
    return status && openFile(path);
  }

  /** @param {string} key @param {Response} content */
  async put(key, content) {
    await this.#fs.mkdir(this.#folder, { recursive: true });
    const path = this.#path(key);
    const unfinished = `${path}.${globalThis.crypto.randomUUID()}.part`;
    try {
      const file = await this.#fs.open(unfinished, "wx");
      try {
        for await (const chunk of /** @type {any} */ (content.body)) await file.writeFile(chunk);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#fs.rename(unfinished, path);
    } catch (error) {
      await this.#fs.rm(unfinished, { force: true });
      throw error;
    }
  }

  /** @param {string} key */
  async delete(key) {
    await this.#fs.rm(this.#path(key), { force: true });
  }

  async records() {
    const names = (await this.#names()).filter((name) => name.endsWith(".json"));
    return Promise.all(names.map((name) => openFile(`${this.#folder}/${name}`)));
  }

  async clear() {
    const names = await this.#names();
    await Promise.all(names.map((name) => this.#fs.rm(`${this.#folder}/${name}`, { force: true })));
  }

  /** Of our own files, those left by a process that was killed among them. */
  async #names() {
    const names = await this.#fs.readdir(this.#folder).catch(() => []);
    return names.filter((name) => /-[0-9a-f]{32}\.(simile|json)(\.|$)/.test(name));
  }

  /**
   * Readable, and different for every key.
   * @param {string} key
   */
  #path(key) {
    const isRecord = key.endsWith(recordEnding);
    const subject = isRecord ? key.slice(0, -recordEnding.length) : key;
    const name = subject.split(/[?#]/)[0].split("/").filter(Boolean).at(-1) ?? "";
    const hash = builtin("node:crypto").createHash("sha256").update(subject).digest("hex").slice(0, 32);
    const readable = name.replace(/[^\w.-]/g, "_").slice(0, 60);
    return `${this.#folder}/${readable}-${hash}.${isRecord ? "json" : "simile"}`;
  }
}

/** `$SIMILE_CACHE` or `$XDG_CACHE_HOME/simile` or `~/.cache/simile`, and in it `models`. */
function cacheFolder() {
  const { env } = globalThis.process;
  const home = env.XDG_CACHE_HOME || `${builtin("node:os").homedir()}/.cache`;
  return `${env.SIMILE_CACHE || `${home}/simile`}/models`;
}
