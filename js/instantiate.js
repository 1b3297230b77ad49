// SPDX-License-Identifier: Apache-2.0
// Fetches, compiles and starts one variant of the module, with a memory of our
// own making, so that its size can be bounded and its views are always fresh.

import { bodyBytes, fetchFile } from "./download.js";
import { isNode } from "./environment.js";
import { SimileError, neededPart, wrapError } from "./errors.js";
import { diskPath } from "./model-store.js";
import { withClasses } from "./module-classes.js";
import { moduleFiles } from "./module-files.js";

const pageBytes = 65536;
// What the module is linked with (INITIAL_MEMORY); less would not start.
const initialPages = 256;
const maxPages = 65536;
// Workers that a Content-Security-Policy blocks raise no error that reaches us.
const startTimeoutMs = 30_000;

/**
 * @typedef {object} CoreSettings
 * @property {import("./variants.js").Variant} variant
 * @property {number} threads
 * @property {string} wasmUrl
 * @property {string} [sentencepieceUrl] where that part's WebAssembly is, if not beside it
 * @property {WebAssembly.Module} [compiled] the module, if someone compiled it before
 * @property {number} [maxMemoryBytes] for tests: where memory ends
 */

/**
 * @typedef {object} Instance
 * @property {CoreSettings} settings
 * @property {any} module the border's functions and classes
 * @property {any} raw the module as Emscripten made it
 * @property {WebAssembly.Memory} memory
 * @property {WebAssembly.Module} compiled what it was made of
 * @property {number} moduleBytes that had to be read for it; 0 if unknown
 */

/**
 * @param {CoreSettings} settings
 * @returns {Promise<Instance>}
 */
export async function instantiate(settings) {
  const { variant, threads, wasmUrl, maxMemoryBytes, ...given } = settings;
  const [glue, { compiled, bytes }] = await Promise.all([
    importGlue(variant.name),
    given.compiled ? { compiled: given.compiled, bytes: 0 } : compile(wasmUrl),
  ]);
  const ofThreads = await threadSettings(variant, threads);
  const memory = createMemory(variant.threads, maxMemoryBytes);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<any>} */
  const started = new Promise((resolve, reject) => {
    glue.default({
      wasmMemory: memory,
      ...ofThreads,
      /** @param {WebAssembly.Imports} imports @param {Function} receive */
      instantiateWasm(imports, receive) {
        WebAssembly.instantiate(compiled, imports)
          .then((instance) => receive(instance, compiled)).catch(reject);
        return {}; // tells Emscripten that `receive` will be called
      },
      print() {}, // a library does not write to its host's console
      printErr() {},
    }).then(resolve, reject);
    if (variant.threads) {
      timer = setTimeout(reject, startTimeoutMs, new Error("its threads do not start"));
    }
  }).finally(() => clearTimeout(timer));
  const raw = await started.catch((error) => {
    throw wrapError(error, "internal", `cannot start variant '${variant.name}'`);
  });
  return {
    settings, raw, module: withClasses(raw), memory, compiled,
    moduleBytes: bytes ?? decodedBytes(wasmUrl),
  };
}

/**
 * Emscripten's glue, by its URL: bundlers leave it as the one file that it is, which
 * threads start from too.
 * @param {import("./variants.js").VariantName} name
 * @returns {Promise<{ default(settings: object): Promise<any> }>} starts a module
 */
export function importGlue(name) {
  const { href } = moduleFiles[name].glueUrl();
  return neededPart(import(/* webpackIgnore: true */ /* @vite-ignore */ href), `the glue of variant '${name}'`);
}

/**
 * @param {import("./variants.js").Variant} variant
 * @param {number} count
 */
async function threadSettings({ name, threads }, count) {
  return threads && {
    pthreadPoolSize: count - 1, // the caller is one of them
    mainScriptUrlOrBlob: moduleFiles[name].glueUrl().href,
    Worker: isNode() ? (await import("./node-threads.js")).NodeThread : undefined,
  };
}

/**
 * @param {string} url
 * @returns {Promise<{ compiled: WebAssembly.Module, bytes?: number }>}
 */
async function compile(url) {
  const path = diskPath(url);
  if (path !== undefined) {
    const { readFileBytes } = await import("./node-files.js");
    return compileBytes(await readFileBytes(path), url);
  }
  const response = await fetchFile(url);
  const isTyped = /^application\/wasm\b/i.test(response.headers.get("content-type") ?? "");
  if (isTyped && typeof WebAssembly.compileStreaming === "function") {
    // Its bytes are not counted as they come: of another Response than the fetched one
    // engines keep no compiled code.
    const compiled = await WebAssembly.compileStreaming(response).catch((error) => {
      throw cannotCompile(url, error);
    });
    return { compiled, bytes: bodyBytes(response) };
  }
  // A server that does not know the type costs the streaming, no more.
  const bytes = await response.arrayBuffer().catch((error) => {
    throw wrapError(error, "network", `${url} broke off`);
  });
  return compileBytes(new Uint8Array(bytes), url);
}

/**
 * @param {Uint8Array} bytes
 * @param {string} url
 */
async function compileBytes(bytes, url) {
  const compiled = await WebAssembly.compile(/** @type {BufferSource} */ (bytes)).catch((error) => {
    throw cannotCompile(url, error);
  });
  return { compiled, bytes: bytes.length };
}

/**
 * Of a body that came compressed, where the engine tells.
 * @param {string} url
 * @returns {number}
 */
function decodedBytes(url) {
  const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByName(url));
  return entries.at(-1)?.decodedBodySize ?? 0;
}

/**
 * @param {string} url
 * @param {any} error
 */
function cannotCompile(url, error) {
  if (error instanceof TypeError) return wrapError(error, "network", `${url} broke off`);
  const csp = /unsafe-eval|Content.Security/i.test(error?.message ?? "")
    ? "; the page's Content-Security-Policy must allow 'wasm-unsafe-eval'" : "";
  return new SimileError(csp ? "unsupported_environment" : "network",
    `${url} does not compile as WebAssembly: ${error?.message}${csp}`, { cause: error });
}

/**
 * @param {boolean} isShared
 * @param {number} maxBytes
 */
function createMemory(isShared, maxBytes = maxPages * pageBytes) {
  const limit = Math.floor(maxBytes / pageBytes);
  // A shared memory's whole maximum is reserved at once; phones refuse 4 GiB.
  const maxima = isShared ? [limit, limit / 2, limit / 4, limit / 8] : [limit];
  let failure;
  for (const maximum of maxima.map(Math.floor)) {
    try {
      return new WebAssembly.Memory({ initial: initialPages, maximum, shared: isShared });
    } catch (error) {
      failure = error;
    }
  }
  throw wrapError(failure, "out_of_memory", "cannot reserve memory for the module");
}
