// SPDX-License-Identifier: Apache-2.0
// The two places where the package keeps models: the Cache API of a page, and a folder
// in Node (node-store.js). Both have the shape of a store that a user may give instead
// (see ModelStore); what is put in it, and whether it is sound, is the affair of
// model-cache.js.

import { isNode } from "./environment.js";
import { SimileError } from "./errors.js";

/**
 * A place for bytes under keys, which are strings. `put` replaces, and must not
 * leave half of what it could not write; `get` gives nothing for what is not there.
 * @typedef {object} ModelStore
 * @property {(key: string) => Promise<StoredBytes | undefined>} get
 * @property {(key: string, content: Response) => Promise<unknown>} put
 * @property {(key: string) => Promise<unknown>} delete
 * @property {boolean} [isCopying] `put` keeps no chunk of the content itself, and is done
 *   with one when it asks for the next; default: false
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
 * @returns {Promise<OwnStore>}
 */
export async function ownStore() {
  if (isNode()) return (await import("./node-store.js")).nodeStore(recordEnding);
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
  isCopying = true;

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
