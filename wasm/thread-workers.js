// SPDX-License-Identifier: Apache-2.0
// Prepended to the glue of the variants with threads: its workers are of the class
// that JavaScript gives (in Node, js/node-threads.js), else of the page's own.
var Worker = Module["Worker"] || globalThis.Worker;
