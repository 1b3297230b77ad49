// SPDX-License-Identifier: Apache-2.0
// Whether to use a worker, and how one is made.

import { isNode } from "./environment.js";
import { SimileError } from "./errors.js";

// Under another name, so that no bundler takes Node's worker for one more file.
const here = import.meta.url;

/** @typedef {import("./worker-link.js").WorkerLike} WorkerLike */
/** @typedef {boolean | (() => Worker)} WorkerOption */

/**
 * @param {WorkerOption | undefined} option
 * @returns {Promise<(() => WorkerLike) | undefined>} undefined: the caller's own thread
 */
export async function workerMaker(option) {
  if (typeof option === "function") return option;
  if (option === false) return undefined;
  if (isNode()) {
    if (option === undefined) return undefined;
    const { makeNodeWorker } = await import("./node-worker.js");
    return () => makeNodeWorker(new URL("./worker.js", here));
  }
  // A worker's own work is off the page already.
  const isPage = typeof document === "object";
  if (!(option ?? (isPage && typeof Worker === "function"))) return undefined;
  if (typeof Worker !== "function") {
    throw new SimileError("unsupported_environment", "worker: there are no workers here");
  }
  // The whole expression is what bundlers look for.
  return () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
}
