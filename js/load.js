// SPDX-License-Identifier: Apache-2.0
// `load`: its options, and which kind of session they make.

import {
  checkInteger, checkOneOf, checkOptional, checkOptions, checkSignal, describe,
} from "./checks.js";
import { Embedder } from "./embedder.js";
import { SimileError, neededPart } from "./errors.js";
import { detectFeatures } from "./features.js";
import { defaultModelName } from "./model-catalog.js";
import { moduleFiles } from "./module-files.js";
import { LastingSession } from "./lasting-session.js";
import { workerMaker } from "./make-worker.js";
import { bytesAsBlob, isRepeatable } from "./portable-source.js";
import { selectVariant, variantNames } from "./variants.js";
import { NoWorker } from "./worker-link.js";
import { WorkerPool } from "./worker-pool.js";

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
 * @property {string | URL} [hub] where a model that is named is fetched from: a mirror of
 *   the Hugging Face Hub; default: the Hub
 * @property {string} [revision] of a model by its name on the Hub: a branch, tag or
 *   commit; default: "main"
 * @property {import("./make-worker.js").WorkerOption} [worker] false: work in the caller's
 *   thread; a function makes the Worker, of the package's worker.js; default: true in a page
 * @property {number} [workers] 1…16, for bulk work where there are no threads; default: in a
 *   page the number of processors, at most 4
 * @property {import("./model-cache.js").CacheOption} [cache] of what came from a URL; "reload":
 *   fetch it anew; an object: keep it there, which needs work in the caller's thread; default: true
 * @property {import("./worker-link.js").Timing} [_timing] for tests: how patient with workers
 * @property {number} [_maxMemoryBytes] for tests: where the module's memory ends
 */

/** @typedef {import("./open-model.js").ModelSource} ModelSource */

const optionNames = ["onProgress", "signal", "threads", "wasmUrl", "variant", "sha256", "hub", "revision",
  "worker", "workers", "cache", "_timing", "_maxMemoryBytes"];

/** Each has its own copy of the model. */
const maxDefaultWorkers = 4;

/**
 * @param {ModelSource} [source] default: all-MiniLM-L6-v2 from its home
 * @param {LoadOptions} [options]
 * @returns {Promise<import("./embedder.js").DisposableEmbedder>}
 */
export async function load(source = defaultModelName, options = {}) {
  checkLoadOptions(options);
  const { onProgress, signal } = options;
  const settings = sessionSettings(options);
  const open = await opener(source, settings, options);
  const canRepeat = isRepeatable(source);
  const session = await open({ onProgress, signal });
  const lasting = new LastingSession(session, async () => {
    if (!canRepeat) {
      throw new SimileError("worker_lost", "the model came from a stream, which cannot " +
        "be read again; load it again");
    }
    // Nobody compiles the module twice.
    return open({}, session.compiled);
  });
  return /** @type {import("./embedder.js").DisposableEmbedder} */ (new Embedder(lasting));
}

/** @typedef {Pick<LoadOptions, "onProgress" | "signal">} OpenControl */

/**
 * How sessions of these options are opened: the first one, and those after a loss.
 * @param {ModelSource} source
 * @param {import("./session.js").SessionSettings} settings
 * @param {LoadOptions} options
 */
async function opener(source, settings, options) {
  let makeWorker = await workerMaker(options.worker);
  const kept = makeWorker ? bytesAsBlob(source) : source;
  if (makeWorker && typeof settings.cache === "object") {
    throw new SimileError("invalid_argument",
      "cache: a store of your own cannot cross to a worker; use it with worker: false");
  }
  const pool = { workers: workerCount(settings, options), timing: options._timing };
  /** @param {OpenControl} control @param {WebAssembly.Module} [compiled] */
  return async (control, compiled) => {
    const own = { ...settings, core: { ...settings.core, compiled } };
    // Whoever opens it again, after a loss, did not ask for another download.
    if (compiled && own.cache === "reload") own.cache = true;
    if (makeWorker) {
      try {
        return await WorkerPool.open(kept, own, control, { ...pool, makeWorker });
      } catch (error) {
        // Where the page's policy or its server has no worker for us, and none was
        // asked for, we do without.
        if (options.worker !== undefined || !(error instanceof NoWorker)) throw error;
        makeWorker = undefined;
      }
    }
    // A page with a worker has no use for what does the work.
    const { SessionHere } = await neededPart(import("./session.js"));
    return SessionHere.open(kept, own, control);
  };
}

/**
 * @param {import("./session.js").SessionSettings} settings
 * @param {LoadOptions} options
 */
function workerCount({ core }, { workers, threads }) {
  if (core.variant.threads) return 1;
  const { isNode, processors } = detectFeatures();
  return workers ?? (isNode || threads !== undefined ? 1 : Math.min(processors, maxDefaultWorkers));
}

/**
 * @param {LoadOptions} options
 * @returns {import("./session.js").SessionSettings}
 */
function sessionSettings({ sha256, cache, hub, revision, ...options }) {
  const { variant, threads, reason: variantReason } = selectVariant(detectFeatures(), options);
  return {
    core: coreSettings({ variant, threads }, options),
    variantReason,
    sha256,
    cache,
    revision,
    hub: hub === undefined ? undefined : hubUrl(hub),
  };
}

/** @param {string | URL} hub */
function hubUrl(hub) {
  try {
    return new URL(hub, globalThis.location?.href).href;
  } catch (cause) {
    throw new SimileError("invalid_argument", `hub: ${describe(hub)} makes no URL`, { cause });
  }
}

/**
 * @param {{ variant: import("./variants.js").Variant, threads: number }} choice
 * @param {LoadOptions} [options]
 * @returns {import("./instantiate.js").CoreSettings}
 */
export function coreSettings({ variant, threads }, { wasmUrl, _maxMemoryBytes } = {}) {
  const [url, sentencepieceUrl] = wasmUrl === undefined ? [String(moduleFiles[variant.name].wasmUrl())]
    : [variant.name, "sentencepiece"].map((name) => String(customWasmUrl(wasmUrl, `simile-${name}.wasm`)));
  return { variant, threads, wasmUrl: url, sentencepieceUrl, maxMemoryBytes: _maxMemoryBytes };
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
  const { onProgress, signal, threads, variant, sha256, worker, workers, cache } = options;
  checkSignal(signal);
  checkOptional("onProgress", onProgress, "function");
  checkOptional("revision", options.revision, "string");
  if (typeof worker !== "function") checkOptional("worker", worker, "boolean");
  if (workers !== undefined) checkInteger("workers", workers, 1, 16);
  checkCacheOption(cache);
  if (threads !== undefined) checkInteger("threads", threads, 1, 64);
  if (variant !== undefined) checkOneOf("variant", variant, variantNames);
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new SimileError("invalid_argument", "sha256: expected 64 hexadecimal digits");
  }
}

/** @param {unknown} option */
function checkCacheOption(option) {
  if (option === undefined || typeof option === "boolean" || option === "reload") return;
  const store = /** @type {any} */ (option);
  const isStore = ["get", "put", "delete"].every((method) => typeof store?.[method] === "function");
  if (isStore) return;
  throw new SimileError("invalid_argument",
    `cache: expected true, false, 'reload' or an object with get, put and delete, got ${describe(option)}`);
}
