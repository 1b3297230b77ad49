// SPDX-License-Identifier: Apache-2.0
// From what `load` was given to a model inside the module: the model's first
// bytes are asked for before the module is there, the weights stream into its
// heap; a checkpoint is converted on the way. What came from a URL is kept in the
// cache (model-cache.js), in the same chunks: there is no second copy of it.

import { checkpointFolder, isCheckpointFolder } from "./checkpoint-folder.js";
import { convertCheckpoint, converterVersion, streamInto } from "./convert.js";
import { FileChangedError } from "./download.js";
import { SimileError } from "./errors.js";
import { nextTurn } from "./event-loop.js";
import { CacheSlot, absoluteUrl } from "./model-cache.js";
import { modelCatalog } from "./model-catalog.js";
import { diskPath, openSource } from "./model-store.js";
import { ProgressBar } from "./progress.js";

/** @typedef {import("./core.js").Core} Core */
/** @typedef {import("./core-model.js").CoreModel} CoreModel */
/** @typedef {import("./model-store.js").ByteSource} ByteSource */

/**
 * What `load` takes: a name of the catalogue, the URL of a Simile file (or its
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
 * @property {import("./model-cache.js").CacheOption} [cache]
 * @property {boolean} [isOffline] whoever loads a model for the second time (a
 *   pool's further workers) asks nothing of the network: what is in no cache is
 *   a `network` error
 */

/**
 * Where a model comes from.
 * @typedef {object} Origin
 * @property {unknown} source of a Simile file
 * @property {import("./checkpoint-folder.js").CheckpointFolder} [folder] to be converted, instead
 * @property {{ name?: string, source?: string, license?: string }} [recipe] of the converted
 * @property {{ url: string, key: string }} [cached] where in the cache; nothing: not cached
 * @property {string} [sha256]
 */

/**
 * Opens what is to be loaded; the rest needs the module.
 * @param {ModelSource} source
 * @param {OpenOptions} options
 * @returns {Promise<(core: Core) => Promise<CoreModel>>}
 */
export async function openModel(source, options) {
  const { signal, isOffline } = options;
  const cache = isOffline && options.cache === "reload" ? true : options.cache ?? true;
  const origin = await originOf(source, options.sha256);
  const slot = await CacheSlot.open(cache, origin.cached, signal);
  const load = new ModelLoad(origin, slot, options);
  try {
    if (slot.hit === undefined) await load.ask(cache === "reload" ? "reload" : undefined);
  } catch (error) {
    slot.close();
    throw error;
  }
  return (core) => load.run(core);
}

/**
 * @param {ModelSource} source
 * @param {string | undefined} sha256
 * @returns {Promise<Origin>}
 */
async function originOf(source, sha256) {
  if (typeof source === "string" && Object.hasOwn(modelCatalog, source)) {
    const { home, files, sha256: expected, ...rest } = modelCatalog[source];
    const recipe = { ...rest, name: source };
    const folder = checkpointFolder(home, files);
    return { source, folder, recipe, sha256: expected, cached: cachedCheckpoint(home, source, expected) };
  }
  const isLocation = typeof source === "string" || source instanceof URL;
  const url = isLocation && diskPath(source) === undefined ? absoluteUrl(source) : "";
  // Other schemes are on this machine already.
  const isRemote = /^https?:/.test(url);
  if (await isCheckpointFolder(source)) {
    const folder = checkpointFolder(/** @type {string | URL} */ (source));
    return { source, folder, sha256, cached: isRemote ? cachedCheckpoint(url, "", sha256) : undefined };
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
    const weights = origin.folder !== undefined && slot.hit === undefined
      ? { module: 0.05, download: 0.8, convert: 0.1, model: 0.05 } : { module: 0.05, model: 0.95 };
    this.#bar = new ProgressBar(options.onProgress, weights);
  }

  /**
   * Asks the origin for its first bytes.
   * @param {RequestCache} [httpCache]
   */
  async ask(httpCache) {
    const { source, folder, sha256, cached } = this.#origin;
    if (this.#options.isOffline && cached !== undefined) {
      throw new SimileError("network", `${cached.url} is in no cache`);
    }
    if (folder !== undefined) return;
    const { signal } = this.#options;
    this.#bytes = openSource(source, { signal, httpCache, isHashed: sha256 !== undefined });
    await this.#bytes;
  }

  /** @param {Core} core */
  async run(core) {
    try {
      this.#bar.fraction("module", 1);
      const model = await this.#readHit(core) ?? await this.#fetch(core);
      model.cacheUse = this.#slot.use;
      this.#bar.finish(this.#slot.use);
      return model;
    } finally {
      this.#slot.close();
    }
  }

  /**
   * @param {Core} core
   * @returns {Promise<CoreModel | undefined>} nothing: there was none, or a bad one
   */
  async #readHit(core) {
    const { hit } = this.#slot;
    if (hit === undefined) return undefined;
    try {
      return await this.#feed(core, hit, { sha256: hit.sha256 });
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
    if (this.#origin.folder === undefined) {
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
  #convert(core) {
    const { folder, recipe, sha256 } = /** @type {Required<Origin>} */ (this.#origin);
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
    });
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
   *   onEnd?: (content: { bytes: number, sha256?: string }) => Promise<void> }} settings
   */
  async #feed(core, bytes, { onEnd, ...settings }) {
    const { signal } = this.#options;
    const model = core.newModel(bytes.isExact ? bytes.totalBytes : undefined);
    try {
      const content = await streamInto(model, bytes, {
        ...settings,
        signal,
        onBytes: (loaded, total) => this.#bar.bytes("model", loaded, total),
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
