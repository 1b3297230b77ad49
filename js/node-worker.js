// SPDX-License-Identifier: Apache-2.0
// Node's worker threads in the shape of a page's Worker.

/** @returns {typeof import("node:worker_threads")} */
function workerThreads() {
  return /** @type {any} */ (globalThis.process).getBuiltinModule("node:worker_threads");
}

/**
 * @param {URL} url
 * @returns {import("./worker-link.js").WorkerLike}
 */
export function makeNodeWorker(url) {
  const worker = new (workerThreads().Worker)(url);
  // A model that nobody uses keeps no process alive; one that works does, by the
  // timer of its link.
  worker.unref();
  return /** @type {any} */ ({
    postMessage: worker.postMessage.bind(worker),
    terminate: () => void worker.terminate(),
    /** @param {string} type @param {(event: object) => void} listener */
    addEventListener(type, listener) {
      worker.on(type, (value) => listener(type === "message" ? { data: value } : { message: value?.message }));
      if (type === "error") worker.on("exit", (code) => listener({ message: `exit code ${code}` }));
    },
  });
}

/** @returns {import("./worker-host.js").Port} of the worker that this runs in */
export function workerPort() {
  return /** @type {any} */ (workerThreads().parentPort);
}
