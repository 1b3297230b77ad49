// SPDX-License-Identifier: Apache-2.0
// Node's worker threads in the shape of a page's Worker.

import { builtin } from "./environment.js";

/**
 * @param {URL} url
 * @returns {import("./worker-link.js").WorkerLike}
 */
export function makeNodeWorker(url) {
  const worker = new (builtin("node:worker_threads").Worker)(url);
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
