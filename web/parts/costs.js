// SPDX-License-Identifier: Apache-2.0
// What the page costs: bytes, memory, and how the module runs.

import { setText } from "./dom.js";
import { formatBytes } from "./format.js";

/**
 * @param {ReturnType<import("../simile/index.js").Embedder["info"]>} info
 * @param {Partial<import("../simile/index.js").Progress>} progress the load's last
 */
export function showCosts(info, progress) {
  setText("variant", info.variant);
  setText("variant-reason", info.variantReason);
  setText("threads", String(info.threads));
  setText("memory", formatBytes(info.heapBytes));
  showBytes(progress, 0);
}

/**
 * @param {Partial<import("../simile/index.js").Progress>} progress
 * @param {number} moduleBytes of WebAssembly and its glue, as far as known
 */
export function showBytes({ loaded = 0, moduleBytes: ofModule = 0, cache }, moduleBytes) {
  const entries = /** @type {PerformanceResourceTiming[]} */ ([
    ...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]);
  const own = entries.filter(({ name }) => !name.endsWith(".simile")) // those are the model's
    .reduce((sum, { transferSize }) => sum + (transferSize ?? 0), 0);
  if (cache === "hit") {
    setText("bytes", formatBytes(own));
    return setText("bytes-split", "The model was still in this browser");
  }
  // What a worker fetches is not among the page's entries.
  const rest = own + (entries.some(({ name }) => name.endsWith(".wasm")) ? 0 : moduleBytes);
  const model = loaded - ofModule;
  setText("bytes", formatBytes(rest + model));
  setText("bytes-split", `${formatBytes(model)} of model, ${formatBytes(rest)} of page and module`);
}
