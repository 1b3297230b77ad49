// SPDX-License-Identifier: Apache-2.0
// Models that were loaded before: kept by address, each with a record of its length
// and SHA-256 that is written last, so that what has no record does not exist. A
// cache never fails a load: what cannot be read is fetched, what cannot be stored
// is used from memory, and CacheUse says so. It has no say in what is a good
// model: a load reports an entry that turned out bad, and it is deleted.

import { ownStore, recordEnding } from "./cache-stores.js";
import { EntryWriter } from "./entry-writer.js";
import { lockKey } from "./key-lock.js";
import { modelCatalog } from "./model-catalog.js";
import { openSource } from "./model-store.js";

/** @typedef {import("./cache-stores.js").ModelStore} ModelStore */
/** @typedef {boolean | "reload" | ModelStore} CacheOption */

/**
 * - "hit": read from the cache, without any request
 * - "miss": fetched and stored
 * - "healed": what was stored was damaged; fetched and stored anew
 * - "memory": fetched, but it could not be stored; `cacheReason` says why
 * - "off": not to be stored: by `cache: false`, or because it came from no URL
 * @typedef {"hit" | "miss" | "healed" | "memory" | "off"} CacheState
 */

/** @typedef {{ cache: CacheState, cacheReason?: string }} CacheUse */

/**
 * What `modelCache.list()` gives.
 * @typedef {object} CachedModel
 * @property {string} url that the model was loaded from
 * @property {number} bytes
 * @property {string} sha256 of what is stored
 * @property {string} storedAt ISO 8601
 */

/**
 * What a hit is checked against: a checksum, many times faster than its SHA-256. What
 * could change the one could change the other, so that it is no less safe.
 * @typedef {{ sha256?: string, checksum?: string }} Hashes
 */

/**
 * A load's dealings with the cache, for one model.
 */
export class CacheSlot {
  #store;
  #key;
  #url;
  /** @type {AbortSignal | undefined} */
  #signal;
  #release = () => {};
  /** @type {CacheUse} */
  use;
  /** @type {(import("./model-store.js").ByteSource & Hashes) | undefined} */
  hit;

  /**
   * Looks the model up; if it is not there, it is this load's to fetch, and other
   * loads of the same wait until `close`, or until the signal is aborted.
   * @param {CacheOption} option
   * @param {{ url: string, key: string } | undefined} model nothing: not to be cached
   * @param {AbortSignal} [signal]
   */
  static async open(option, model, signal) {
    if (option === false || model === undefined) return new CacheSlot(undefined, { cache: "off" });
    let store;
    try {
      store = typeof option === "object" ? option : await ownStore();
    } catch (error) {
      return new CacheSlot(undefined, memoryUse(error));
    }
    const slot = new CacheSlot(store, { cache: "miss" }, model, signal);
    if (option !== "reload" && await slot.#find()) return slot;
    if (!slot.isStoring) return slot;
    await slot.#lock();
    // Whoever held the lock may have stored it.
    if (option !== "reload" && await slot.#find()) slot.close();
    return slot;
  }

  /**
   * @param {ModelStore | undefined} store
   * @param {CacheUse} use
   * @param {{ url: string, key: string }} [model]
   * @param {AbortSignal} [signal]
   */
  constructor(store, use, { url, key } = { url: "", key: "" }, signal) {
    this.#store = store;
    this.use = use;
    this.#url = url;
    this.#key = key;
    this.#signal = signal;
  }

  /** Whether what is fetched is to be written. */
  get isStoring() {
    return this.#store !== undefined && this.use.cache !== "memory";
  }

  /** The entry that was found is damaged: it is deleted, and this load's to fetch. */
  async heal() {
    this.hit = undefined;
    this.use = { cache: "healed" };
    await this.#lock();
    await this.#delete();
  }

  /** @returns {EntryWriter | undefined} for the model's bytes; then `commit` or `abort` it */
  writer() {
    const store = this.#store;
    if (store === undefined || !this.isStoring) return undefined;
    return new EntryWriter((content) => store.put(this.#key, content), store.isCopying);
  }

  /**
   * Ends the writing of a model that proved good.
   * @param {EntryWriter | undefined} writer
   * @param {{ bytes: number } & Hashes} content
   */
  async commit(writer, { bytes, sha256 = "", checksum = "" }) {
    const store = this.#store;
    if (store === undefined || writer === undefined) return;
    const storedAt = new Date().toISOString();
    const record = {
      key: this.#key, url: this.#url, bytes, sha256, storedAt,
      // So that neither is changed without the other.
      checksum: sha256.slice(0, 16) + checksum,
    };
    try {
      // A record never speaks of another body than the one beside it.
      await store.delete(this.#key + recordEnding);
      await writer.close();
      if (writer.failure !== undefined) throw writer.failure;
      await store.put(this.#key + recordEnding, new Response(JSON.stringify(record)));
    } catch (error) {
      await writer.abort();
      this.use = memoryUse(error);
      await this.#delete();
    }
  }

  /** Lets other loads have it. Idempotent. */
  close() {
    this.#release();
  }

  async #lock() {
    const release = await lockKey(this.#key, this.#signal);
    this.#release = release;
    this.#signal?.addEventListener("abort", release, { once: true });
    if (this.#signal?.aborted) release();
  }

  async #find() {
    try {
      const found = await this.#store?.get(this.#key + recordEnding);
      if (found === undefined) return false;
      const record = await readRecord(found);
      const body = record && await this.#store?.get(this.#key);
      if (!record || !body) {
        this.use = { cache: "healed" };
        await this.#delete();
        return false;
      }
      const name = `the cached ${this.#url}`;
      const { chunks } = await openStored(body, this.#signal);
      const { bytes: totalBytes, sha256, checksum } = record;
      const hashes = checksum ? { checksum: checksum.slice(16) } : { sha256 };
      this.hit = { name, chunks, totalBytes, isExact: true, isReused: true, ...hashes };
      this.use = { cache: "hit" };
      return true;
    } catch (error) {
      this.#signal?.throwIfAborted();
      this.use = memoryUse(error);
      return false;
    }
  }

  async #delete() {
    try {
      await this.#store?.delete(this.#key + recordEnding);
      await this.#store?.delete(this.#key);
    } catch {
      // A store that cannot delete will not be trusted either: its hashes are checked.
    }
  }
}

/**
 * What is stored, for people to see and to free. It works where the package's own
 * cache is: the Cache API of this origin, or the folder in Node.
 */
export const modelCache = {
  /** @returns {Promise<CachedModel[]>} */
  async list() {
    return (await readRecords(await ownStore())).map(({ key, checksum, ...record }) => record);
  },

  /**
   * @param {string | URL} url of a model, or its name in the catalogue
   * @returns {Promise<boolean>} whether there was one
   */
  async delete(url) {
    const store = await ownStore();
    const records = (await readRecords(store)).filter(isOf(String(url)));
    for (const { key } of records) {
      await store.delete(key + recordEnding);
      await store.delete(key);
    }
    return records.length > 0;
  },

  /** Deletes all that the package has stored here. */
  async clear() {
    await (await ownStore()).clear();
  },
};

/**
 * @param {string} source a URL or a name
 * @returns {(model: CachedModel) => boolean} whether a model came from there; one that is
 *   named, from wherever it was fetched
 */
export function isOf(source) {
  const address = absoluteUrl(source);
  return Object.hasOwn(modelCatalog, source)
    ? ({ url }) => url.endsWith(`/${modelCatalog[source].path}`)
    : ({ url }) => url === address;
}

/**
 * @param {string | URL} url in a page also a relative one
 * @returns {string} without its fragment; as it is, if it makes no URL
 */
export function absoluteUrl(url) {
  try {
    return new URL(url, globalThis.location?.href).href.replace(/#.*$/s, "");
  } catch {
    return String(url);
  }
}

/** @param {any} error @returns {CacheUse} */
function memoryUse(error) {
  return { cache: "memory", cacheReason: `cannot store: ${error?.message || error?.name || error}` };
}

/** @typedef {{ key: string, checksum?: string }} StoredRecord */

/** @param {import("./cache-stores.js").OwnStore} store */
async function readRecords(store) {
  const records = await Promise.all((await store.records()).map(readRecord));
  return records.filter((record) => record !== undefined);
}

/**
 * @param {import("./cache-stores.js").StoredBytes} stored
 * @returns {Promise<(CachedModel & StoredRecord) | undefined>} nothing: it is damaged
 */
async function readRecord(stored) {
  try {
    const { chunks } = await openStored(stored);
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    const record = JSON.parse(text);
    const isSound = [record.key, record.url, record.storedAt].every((one) => typeof one === "string") &&
      Number.isSafeInteger(record.bytes) && record.bytes > 0 && /^[0-9a-f]{64}$/.test(record.sha256) &&
      (record.checksum ?? record.sha256).startsWith(record.sha256.slice(0, 16));
    return isSound ? record : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {import("./cache-stores.js").StoredBytes} stored
 * @param {AbortSignal} [signal]
 */
async function openStored(stored, signal) {
  return "chunks" in stored ? stored : openSource(stored, { signal, isReused: true });
}
