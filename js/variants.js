// SPDX-License-Identifier: Apache-2.0
// The four variants of the module, as data, and the choice among them, a pure
// function of what the engine can do. Their files are in module-files.js.

import { SimileError } from "./errors.js";

/** @typedef {"simd" | "simd-threads" | "relaxed-simd" | "relaxed-simd-threads"} VariantName */

/**
 * @typedef {object} Variant
 * @property {VariantName} name
 * @property {boolean} relaxedSimd
 * @property {boolean} threads
 */

/** @type {readonly VariantName[]} best first */
export const variantNames = ["relaxed-simd-threads", "relaxed-simd", "simd-threads", "simd"];

/** @type {readonly Variant[]} */
export const variants = variantNames.map((name) =>
  ({ name, relaxedSimd: name.startsWith("relaxed"), threads: name.endsWith("threads") }));

/** More threads than this bring nothing to models of this size. */
const maxDefaultThreads = 4;

/**
 * @param {import("./features.js").Features} features
 * @param {{ threads?: number, variant?: VariantName }} wishes
 * @returns {{ variant: Variant, threads: number, reason: string }} reason: a
 *   sentence for people
 */
export function selectVariant(features, { threads, variant: forced } = {}) {
  if (!features.simd) {
    throw new SimileError("unsupported_environment",
      "this engine has no WebAssembly SIMD; Chrome 91, Firefox 90, Safari 16.4 and Node 20 have it");
  }
  if (forced !== undefined) return forcedVariant(features, threads, forced);
  const wanted = threads ?? defaultThreads(features);
  const useThreads = wanted > 1 && features.threads;
  const variant = variants.find((one) =>
    one.threads === useThreads && (features.relaxedSimd || !one.relaxedSimd));
  const simd = features.relaxedSimd ? "relaxed SIMD is there" : "there is no relaxed SIMD";
  const threading = useThreads ? `${wanted} threads`
    : wanted > 1 ? `one thread, not ${wanted}: ${features.threadsReason}`
    : threads === 1 || features.threads ? "one thread"
    : `one thread: ${features.threadsReason}`;
  return {
    variant: /** @type {Variant} */ (variant),
    threads: useThreads ? wanted : 1,
    reason: `${simd}; ${threading}`,
  };
}

/**
 * @param {import("./features.js").Features} features
 * @param {number | undefined} threads
 * @param {VariantName} name
 */
function forcedVariant(features, threads, name) {
  const variant = /** @type {Variant} */ (variants.find((one) => one.name === name));
  if (variant.relaxedSimd && !features.relaxedSimd) {
    throw new SimileError("unsupported_environment",
      `variant '${name}': this engine has no relaxed SIMD`);
  }
  if (variant.threads && !features.threads) {
    throw new SimileError("unsupported_environment", `variant '${name}': ${features.threadsReason}`);
  }
  const wanted = variant.threads ? threads ?? Math.max(2, defaultThreads(features)) : 1;
  return { variant, threads: wanted, reason: "asked for by name" };
}

/** @param {import("./features.js").Features} features */
function defaultThreads(features) {
  if (features.isNode || !features.threads) return 1;
  return Math.min(maxDefaultThreads, Math.max(1, features.processors));
}
