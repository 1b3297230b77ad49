// SPDX-License-Identifier: Apache-2.0
// Fetches, compiles and starts one variant of the module, with a memory of our
// own making, so that its size can be bounded and its views are always fresh.

import { SimileError, wrapError } from "./errors.js";
import { fetchFile, diskPath } from "./model-store.js";
import { moduleFiles } from "./module-files.js";
import { isNode, readFileBytes } from "./node-files.js";
import { NodeThread } from "./node-threads.js";

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
 * @property {WebAssembly.Module} [compiled] the module, if someone compiled it before
 * @property {number} [maxMemoryBytes] for tests: where memory ends
 */

/**
 * @param {CoreSettings} settings
 * @returns {Promise<{ module: any, memory: WebAssembly.Memory, compiled: WebAssembly.Module }>}
 *   Emscripten's module object, its memory, and what it was made of
 */
export async function instantiate({ variant, threads, wasmUrl, maxMemoryBytes, ...given }) {
  const [glue, compiled] = await Promise.all([
    moduleFiles[variant.name].importGlue().catch((error) => {
      throw wrapError(error, "network", `cannot load the glue of variant '${variant.name}'`);
    }),
    given.compiled ?? compile(wasmUrl),
  ]);
  const memory = createMemory(variant.threads, maxMemoryBytes);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<any>} */
  const started = new Promise((resolve, reject) => {
    glue.default({
      wasmMemory: memory,
      ...threadSettings(variant, threads),
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
  const module = await started.catch((error) => {
    throw wrapError(error, "internal", `cannot start variant '${variant.name}'`);
  });
  return { module, memory, compiled };
}

/**
 * @param {import("./variants.js").Variant} variant
 * @param {number} threads
 */
function threadSettings({ name }, threads) {
  const threadUrl = moduleFiles[name].threadUrl?.();
  return threadUrl && {
    pthreadPoolSize: threads - 1, // the caller is one of them
    mainScriptUrlOrBlob: threadUrl.href,
    Worker: isNode() ? NodeThread : undefined,
  };
}

/**
 * @param {string} url
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile(url) {
  const path = diskPath(url);
  if (path !== undefined) return compileBytes(await readFileBytes(path), url);
  const response = await fetchFile(url);
  const isTyped = /^application\/wasm\b/i.test(response.headers.get("content-type") ?? "");
  if (isTyped && typeof WebAssembly.compileStreaming === "function") {
    return WebAssembly.compileStreaming(response).catch((error) => {
      throw cannotCompile(url, error);
    });
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
  return WebAssembly.compile(/** @type {BufferSource} */ (bytes)).catch((error) => {
    throw cannotCompile(url, error);
  });
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
