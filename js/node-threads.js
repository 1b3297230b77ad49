// SPDX-License-Identifier: Apache-2.0
// Threads in Node, Deno and Bun: a page's `Worker`, as far as Emscripten's glue
// needs one, over a worker of "node:worker_threads".

import { builtin } from "./environment.js";

// Under another name, so that no bundler takes Node's worker for one more file.
const here = import.meta.url;

export class NodeThread {
  /** @type {import("node:worker_threads").Worker} */
  #worker;
  /** @type {((event: { data: any }) => void) | undefined} */
  onmessage;
  /** @type {((error: Error) => void) | undefined} */
  onerror;

  /** @param {string} glueUrl */
  constructor(glueUrl) {
    const { Worker } = builtin("node:worker_threads");
    this.#worker = new Worker(new URL("./node-thread.js", here), { workerData: glueUrl });
    this.#worker.on("message", (data) => {
      this.#worker.unref(); // it has started; an idle thread keeps no process alive
      this.onmessage?.({ data });
    });
    this.#worker.on("error", (error) => this.onerror?.(error));
  }

  /**
   * @param {any} message
   * @param {import("node:worker_threads").TransferListItem[]} [transfer]
   */
  postMessage(message, transfer) {
    this.#worker.postMessage(message, transfer);
  }

  terminate() {
    void this.#worker.terminate();
  }
}
