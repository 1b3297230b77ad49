// SPDX-License-Identifier: Apache-2.0
// From what `load` was given to a model inside the module: the model's first
// bytes are asked for before the module is there, the weights stream into its
// heap; a checkpoint is converted on the way. What came from a URL is kept in the
// cache (model-cache.js), in the same chunks: there is no second copy of it.

import { FileChangedError } from "./download.js";
import { SimileError, neededPart } from "./errors.js";
import { nextTurn } from "./event-loop.js";
import { CacheSlot, absoluteUrl } from "./model-cache.js";
import { entryOf, homeOf } from "./model-catalog.js";
import { diskPath, isFolderLocation, isOnDisk, openSource } from "./model-store.js";
import { ProgressBar } from "./progress.js";
import { sharedTools } from "./shared-tools.js";
import { streamInto } from "./stream-into.js";

/** To be raised whenever the same checkpoint becomes another file: files are cached. */
const converterVersion = 4;

/** @typedef {import("./core.js").Core} Core */
/** @typedef {import("./core-model.js").CoreModel} CoreModel */
/** @typedef {import("./model-store.js").ByteSource} ByteSource */

/**
 * What `load` takes: a name of the catalogue or of the Hub, the URL of a Simile file (or its
 * path, in Node), the URL or path of a checkpoint's folder, or a file's bytes.
 * @typedef {string | URL | Blob | ArrayBuffer | ArrayBufferView | Response |
 *   ReadableStream<Uint8Array>} ModelSource
 */

/**
 * The part of `load`'s options that is about the model. In a worker they are
 * what came by `postMessage`, and the source is never relative.
 * @typedef {object} OpenOptions
 * @property {import("./progress.js").ProgressCallback} [onProgress]
 * @property {AbortSignal} [signal] its abort ends everything that was begun, also
 *   where the second half of openModel is never called
 * @property {string} [sha256]
 * @property {string} [hub] absolute
 * @property {string} [revision] of a model on the Hub
 * @property {import("./model-cache.js").CacheOption} [cache]
 * @property {boolean} [isOffline] whoever loads a model for the second time (a
 *   pool's further workers) asks nothing of the network: what is in no cache is
 *   a `network` error
 */

/**
 * Where a model comes from.
 * @typedef {object} Origin
 * @property {unknown} source of a Simile file
 * @property {{ location: string | URL, files?: readonly string[] }} [checkpoint] to be
 *   converted, instead; see checkpoint-folder.js
 * @property {{ name?: string, source?: string, license?: string }} [recipe] of the converted
 * @property {{ url: string, key: string }} [cached] where in the cache; nothing: not cached
 * @property {string} [sha256]
 */

/**
 * Opens what is to be loaded; the rest needs the module.
 * @param {ModelSource} source
 * @param {OpenOptions} options
 * @returns {Promise<(core: Core, moduleBytes?: number) => Promise<CoreModel>>} moduleBytes:
 *   fetched for this load
 */
export async function openModel(source, options) {
  const { signal, isOffline } = options;
  const cache = isOffline && options.cache === "reload" ? true : options.cache ?? true;
  const origin = await originOf(source, options);
  const slot = await CacheSlot.open(cache, origin.cached, signal);
  const load = new ModelLoad(origin, slot, options);
  try {
    if (slot.hit === undefined) await load.ask(cache === "reload" ? "reload" : undefined);
  } catch (error) {
    slot.close();
    throw error;
  }
  return (core, moduleBytes) => load.run(core, moduleBytes);
}

/**
 * @param {ModelSource} source
 * @param {OpenOptions} options
 * @returns {Promise<Origin>}
 */
async function originOf(source, { sha256, hub, revision }) {
  const entry = typeof source === "string" ? entryOf(source, revision) : undefined;
  // In Node a name on the Hub may be a path as well, and is one if there is something.
  if (entry && (entry.files || !await isOnDisk(/** @type {string} */ (source)))) {
    const { license, source: itsSource, files, sha256: expected = sha256 } = entry;
    const location = homeOf(entry, hub);
    const name = String(source).replace(/.*\//, "");
    return {
      source,
      checkpoint: { location, files },
      recipe: { name, source: itsSource, license },
      sha256: expected,
      cached: cachedCheckpoint(location, name, expected),
    };
  }
  const isLocation = typeof source === "string" || source instanceof URL;
  const url = isLocation && diskPath(source) === undefined ? absoluteUrl(source) : "";
  // Other schemes are on this machine already.
  const isRemote = /^https?:/.test(url);
  if (await isFolderLocation(source)) {
    const checkpoint = { location: /** @type {string | URL} */ (source) };
    return { source, checkpoint, sha256, cached: isRemote ? cachedCheckpoint(url, "", sha256) : undefined };
  }
  const key = url + (sha256 === undefined ? "" : `#sha256=${sha256.toLowerCase()}`);
  return { source, sha256, cached: isRemote ? { url, key } : undefined };
}

/**
 * @param {string} url
 * @param {string} name
 * @param {string} [sha256]
 */
function cachedCheckpoint(url, name, sha256 = "") {
  const details = { converter: String(converterVersion), name, sha256: sha256.toLowerCase() };
  return { url, key: `${url}#${new URLSearchParams(details)}` };
}

/** One call of `load`, from the origin's first bytes to the model. */
class ModelLoad {
  #origin;
  #slot;
  #options;
  #bar;
  /** @type {Promise<ByteSource> | undefined} of a Simile file, asked for and not yet read */
  #bytes;

  /**
   * @param {Origin} origin
   * @param {CacheSlot} slot
   * @param {OpenOptions} options
   */
  constructor(origin, slot, options) {
    this.#origin = origin;
    this.#slot = slot;
    this.#options = options;
    /** @type {Record<string, number>} */
    const weights = origin.checkpoint !== undefined && slot.hit === undefined
      ? { module: 0.05, download: 0.8, convert: 0.1, model: 0.05 } : { module: 0.05, model: 0.95 };
    this.#bar = new ProgressBar(options.onProgress, weights);
  }

  /** Whether the model's bytes are made here, and are not loaded from anywhere. */
  get #isConverted() {
    return this.#origin.checkpoint !== undefined && this.#slot.hit === undefined;
  }

  /**
   * Asks the origin for its first bytes.
   * @param {RequestCache} [httpCache]
   */
  async ask(httpCache) {
    const { source, checkpoint, sha256, cached } = this.#origin;
    if (this.#options.isOffline && cached !== undefined) {
      throw new SimileError("network", `${cached.url} is in no cache`);
    }
    if (checkpoint !== undefined) return;
    const { signal } = this.#options;
    this.#bytes = openSource(source, { signal, httpCache, isHashed: sha256 !== undefined });
    await this.#bytes;
  }

  /** @param {Core} core @param {number} [moduleBytes] */
  async run(core, moduleBytes = 0) {
    try {
      await this.#announce(moduleBytes);
      const model = await this.#readHit(core) ?? await this.#fetch(core);
      model.cacheUse = this.#slot.use;
      this.#bar.finish(this.#slot.use);
      return model;
    } finally {
      this.#slot.close();
    }
  }

  /**
   * The first event: the module is there, and the model's size is known if it ever is.
   * @param {number} moduleBytes
   */
  async #announce(moduleBytes) {
    const { totalBytes } = this.#slot.hit ?? await this.#bytes ?? {};
    this.#bar.expect("model", totalBytes);
    this.#bar.finishPart("module", moduleBytes);
  }

  /**
   * @param {Core} core
   * @returns {Promise<CoreModel | undefined>} nothing: there was none, or a bad one
   */
  async #readHit(core) {
    const { hit } = this.#slot;
    if (hit === undefined) return undefined;
    try {
      const { sha256, checksum } = hit;
      return await this.#feed(core, hit, { sha256, checksum, isVerified: true });
    } catch (error) {
      const { code = "internal" } = /** @type {Partial<SimileError>} */ (error);
      if (!["integrity", "bad_model", "network"].includes(code)) throw error;
      await this.#slot.heal();
      // Whatever stands between may have kept the same bad bytes.
      await this.ask("reload");
      return undefined;
    }
  }

  /** @param {Core} core */
  async #fetch(core) {
    try {
      return await this.#fetchOnce(core);
    } catch (error) {
      if (!(error instanceof FileChangedError)) throw error;
      await this.ask("reload");
      return this.#fetchOnce(core);
    }
  }

  /** @param {Core} core */
  async #fetchOnce(core) {
    if (this.#origin.checkpoint === undefined) {
      const bytes = /** @type {ByteSource} */ (await this.#bytes);
      return this.#store(core, bytes, this.#origin.sha256);
    }
    const converter = await this.#convert(core);
    try {
      const totalBytes = converter.outputBytes;
      const chunks = outputOf(converter);
      return await this.#store(core, { name: "the converted model", chunks, totalBytes, isExact: true });
    } finally {
      converter.delete();
    }
  }

  /** @param {Core} core */
  async #convert(core) {
    const { checkpoint, recipe, sha256 } = /** @type {Required<Origin>} */ (this.#origin);
    const { checkpointFolder, convertCheckpoint } =
      await neededPart(import("./convert.js"));
    const folder = checkpointFolder(checkpoint.location, sharedTools, checkpoint.files);
    const bar = this.#bar;
    return convertCheckpoint(core, folder, {
      source: folder.name,
      ...recipe,
      sha256,
      signal: this.#options.signal,
      onBytes: (loaded, total) => bar.bytes("download", loaded, total),
      onStep: (fraction) => {
        bar.fraction("download", 1);
        bar.fraction("convert", fraction);
      },
    }, sharedTools);
  }

  /**
   * Loads a Simile file, and stores it when it has proved good.
   * @param {Core} core
   * @param {ByteSource} bytes
   * @param {string} [sha256]
   */
  async #store(core, bytes, sha256) {
    const writer = this.#slot.writer();
    try {
      return await this.#feed(core, bytes, {
        sha256,
        isHashed: sha256 !== undefined || writer !== undefined,
        onChunk: writer && ((chunk) => writer.write(chunk)),
        onEnd: (content) => this.#slot.commit(writer, content),
      });
    } catch (error) {
      await writer?.abort(error);
      throw error;
    }
  }

  /**
   * A Simile file's bytes into a new model.
   * @param {Core} core
   * @param {ByteSource} bytes
   * @param {Parameters<typeof streamInto>[2] & {
   *   isVerified?: boolean, onEnd?: (content: { bytes: number } &
   *   import("./model-cache.js").Hashes) => Promise<void> }} settings
   */
  async #feed(core, bytes, { onEnd, isVerified, ...settings }) {
    const { signal } = this.#options;
    const model = core.newModel(bytes.isExact ? bytes.totalBytes : undefined, isVerified);
    try {
      const content = await streamInto(model, bytes, {
        ...settings,
        signal,
        onBytes: (loaded, total) => (this.#isConverted
          ? this.#bar.fraction("model", loaded / /** @type {number} */ (total))
          : this.#bar.bytes("model", loaded, total)),
      });
      signal?.throwIfAborted();
      await onEnd?.(content);
      return model;
    } catch (error) {
      model.delete();
      throw error;
    }
  }
}

/** @param {import("./core-converter.js").CoreConverter} converter */
async function* outputOf(converter) {
  const chunkBytes = 1 << 20;
  const { outputBytes } = converter;
  for (let begin = 0; begin < outputBytes; begin += chunkBytes) {
    yield converter.readOutput(begin, Math.min(chunkBytes, outputBytes - begin));
    await nextTurn();
  }
}
