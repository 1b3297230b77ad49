// SPDX-License-Identifier: Apache-2.0
// `load`: from a name, a place or bytes to an Embedder. The module and the
// model's first bytes are fetched side by side; the weights stream into the heap.

import {
  checkInteger, checkOneOf, checkOptional, checkOptions, checkSignal, describe,
} from "./checks.js";
import { checkpointFolder, isCheckpointFolder } from "./checkpoint-folder.js";
import { convertCheckpoint, streamInto } from "./convert.js";
import { acquireCore } from "./core-registry.js";
import { Embedder } from "./embedder.js";
import { SimileError } from "./errors.js";
import { detectFeatures } from "./features.js";
import { defaultModelName, modelCatalog } from "./model-catalog.js";
import { moduleFiles } from "./module-files.js";
import { openSource } from "./model-store.js";
import { ProgressBar } from "./progress.js";
import { selectVariant, variantNames } from "./variants.js";

/** @typedef {import("./core.js").Core} Core */

/**
 * @typedef {object} LoadOptions
 * @property {import("./progress.js").ProgressCallback} [onProgress] over module and model together
 * @property {AbortSignal} [signal]
 * @property {number} [threads] 1…64; default: 1, in a cross-origin isolated page up to 4
 * @property {string | URL | ((fileName: string) => string | URL)} [wasmUrl] the folder
 *   that the .wasm files are in, or what gives the URL of one; default: beside this file
 * @property {import("./variants.js").VariantName} [variant] default: the best that runs here
 * @property {string} [sha256] expected of the model's file (of model.safetensors, if a
 *   checkpoint's folder is loaded)
 * @property {boolean} [worker] reserved
 * @property {boolean} [cache] reserved
 * @property {number} [_maxMemoryBytes] for tests: where the module's memory ends
 */

/**
 * What `load` takes: a name of the catalogue, the URL of a Simile file (or its
 * path, in Node), the URL or path of a checkpoint's folder, or a file's bytes.
 * @typedef {string | URL | Blob | ArrayBuffer | ArrayBufferView | Response |
 *   ReadableStream<Uint8Array>} ModelSource
 */

const optionNames = ["onProgress", "signal", "threads", "wasmUrl", "variant", "sha256", "worker",
  "cache", "_maxMemoryBytes"];

/**
 * @param {ModelSource} [source] default: all-MiniLM-L6-v2 from its home
 * @param {LoadOptions} [options]
 * @returns {Promise<Embedder>}
 */
export async function load(source = defaultModelName, options = {}) {
  checkLoadOptions(options);
  const choice = selectVariant(detectFeatures(), options);
  // What one of the two has begun ends with the other's failure.
  const { signal, abort, unlink } = linkedSignal(options.signal);
  const linked = { ...options, signal };
  const leasing = leaseCore(choice, linked);
  try {
    const [lease, opened] = await Promise.all([leasing, openModel(source, linked)]);
    const model = await opened(lease.core);
    signal.throwIfAborted();
    const { variant: { name: variant }, reason: variantReason } = choice;
    return new Embedder(model, { variant, variantReason }, lease.release);
  } catch (error) {
    abort(error);
    leasing.then(({ release }) => release(), () => {});
    throw error;
  } finally {
    unlink();
  }
}

/**
 * A signal of our own that follows the caller's.
 * @param {AbortSignal | undefined} followed
 */
function linkedSignal(followed) {
  const controller = new AbortController();
  const abort = (/** @type {unknown} */ reason) => controller.abort(reason);
  const follow = () => abort(followed?.reason);
  followed?.addEventListener("abort", follow);
  return {
    signal: controller.signal,
    abort,
    unlink: () => followed?.removeEventListener("abort", follow),
  };
}

/**
 * The module for a choice of variant, shared with other models alike.
 * @param {ReturnType<typeof selectVariant>} choice
 * @param {LoadOptions} options
 */
export async function leaseCore({ variant, threads }, { wasmUrl, signal, _maxMemoryBytes }) {
  const url = wasmUrl === undefined ? moduleFiles[variant.name].wasmUrl()
    : customWasmUrl(wasmUrl, `simile-${variant.name}.wasm`);
  const settings = { variant, threads, wasmUrl: String(url), maxMemoryBytes: _maxMemoryBytes };
  return acquireCore(settings, signal);
}

/**
 * @param {NonNullable<LoadOptions["wasmUrl"]>} wasmUrl
 * @param {string} fileName
 */
function customWasmUrl(wasmUrl, fileName) {
  try {
    // A page's relative URLs are relative to the page.
    const base = globalThis.location?.href;
    if (typeof wasmUrl === "function") return new URL(wasmUrl(fileName), base);
    return new URL(fileName, new URL(String(wasmUrl).replace(/\/?$/, "/"), base));
  } catch (cause) {
    throw new SimileError("invalid_argument", `wasmUrl: ${describe(wasmUrl)} makes no URL`, { cause });
  }
}

/** @param {LoadOptions} options */
function checkLoadOptions(options) {
  checkOptions(options, optionNames);
  const { onProgress, signal, threads, variant, sha256, worker, cache } = options;
  checkSignal(signal);
  checkOptional("onProgress", onProgress, "function");
  checkOptional("worker", worker, "boolean");
  checkOptional("cache", cache, "boolean");
  if (threads !== undefined) checkInteger("threads", threads, 1, 64);
  if (variant !== undefined) checkOneOf("variant", variant, variantNames);
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new SimileError("invalid_argument", "sha256: expected 64 hexadecimal digits");
  }
}

/**
 * Opens what is to be loaded; the rest needs the module.
 * @param {ModelSource} source
 * @param {LoadOptions} options
 * @returns {Promise<(core: Core) => Promise<import("./core-model.js").CoreModel>>}
 */
async function openModel(source, options) {
  const { signal, onProgress, sha256 } = options;
  if (typeof source === "string" && Object.hasOwn(modelCatalog, source)) {
    const { home, files, ...recipe } = modelCatalog[source];
    const folder = checkpointFolder(home, files);
    return (core) => loadCheckpoint(core, folder, { ...options, ...recipe, name: source });
  }
  if (await isCheckpointFolder(source)) {
    const location = /** @type {string | URL} */ (source);
    return (core) => loadCheckpoint(core, checkpointFolder(location), options);
  }
  const bytes = await openSource(source, signal);
  return async (core) => {
    const bar = new ProgressBar(onProgress, { module: 0.05, model: 0.95 });
    bar.fraction("module", 1);
    const model = core.newModel(bytes.isExact ? bytes.totalBytes : undefined);
    return deleteOnError(model, async () => {
      await streamInto(model, bytes, {
        sha256,
        signal,
        onBytes: (loaded, total) => bar.bytes("model", loaded, total),
      });
      bar.fraction("model", 1);
    });
  };
}

/**
 * Converts a checkpoint while it streams in, then loads what came of it, from
 * heap to heap.
 * @param {Core} core
 * @param {import("./checkpoint-folder.js").CheckpointFolder} folder
 * @param {LoadOptions & { name?: string, source?: string, license?: string }} options
 */
async function loadCheckpoint(core, folder, { name, source, license, sha256, signal, onProgress }) {
  const bar = new ProgressBar(onProgress, { module: 0.05, download: 0.8, convert: 0.1, model: 0.05 });
  bar.fraction("module", 1);
  const converter = await convertCheckpoint(core, folder, {
    name,
    license,
    sha256,
    signal,
    source: source ?? folder.name,
    onBytes: (loaded, total) => bar.bytes("download", loaded, total),
    onStep: (fraction) => {
      bar.fraction("download", 1);
      bar.fraction("convert", fraction);
    },
  });
  try {
    const model = core.newModel(converter.outputBytes);
    return await deleteOnError(model, async () => {
      let begin = 0;
      model.take(converter.outputBytes, (pointer, count) => {
        converter.readOutputTo(begin, count, pointer);
        begin += count;
      });
      model.finish();
      bar.fraction("model", 1);
    });
  } finally {
    converter.delete();
  }
}

/**
 * @template {{ delete: () => void }} T
 * @param {T} object
 * @param {() => Promise<void>} work
 * @returns {Promise<T>} the object, when the work is done
 */
async function deleteOnError(object, work) {
  try {
    await work();
    return object;
  } catch (error) {
    object.delete();
    throw error;
  }
}
