// SPDX-License-Identifier: Apache-2.0
// A thread's first file in Node: gives this worker the names that a page's worker
// has, then starts Emscripten's glue, which takes its orders from there.

/** @type {typeof import("node:worker_threads")} */
const { parentPort, workerData } =
  /** @type {any} */ (globalThis.process).getBuiltinModule("node:worker_threads");
const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
const scope = /** @type {any} */ (globalThis);

Object.assign(scope, {
  self: scope,
  name: "em-pthread", // by this the glue knows what it is
  importScripts() {}, // by this, where
  /** @param {unknown} message */
  postMessage: (message) => port.postMessage(message),
});
scope.location ??= { href: workerData };
await import(workerData);
port.on("message", (data) => scope.onmessage({ data }));
