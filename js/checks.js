// SPDX-License-Identifier: Apache-2.0
// Checks of what a caller hands in. Each throws `invalid_argument` with a
// sentence that names the argument, what was expected and what came.

import { SimileError } from "./errors.js";

/**
 * @param {unknown} value
 * @returns {string} a short description for a message
 */
export function describe(value) {
  if (value === null) return "null";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") {
    return value.length > 40 ? `'${value.slice(0, 40)}…'` : `'${value}'`;
  }
  if (typeof value === "object") return `an object of type ${value.constructor?.name ?? "Object"}`;
  return typeof value === "undefined" ? "nothing" : `a ${typeof value}`;
}

/**
 * @param {string} name
 * @param {string} expected
 * @param {unknown} value
 */
function wrong(name, expected, value) {
  return new SimileError("invalid_argument", `${name}: expected ${expected}, got ${describe(value)}`);
}

/**
 * An options object without names that nobody reads: `topk` for `topK` is an
 * error, not a silent default.
 * @param {unknown} options
 * @param {readonly string[]} known
 */
export function checkOptions(options, known) {
  if (typeof options !== "object" || options === null) throw wrong("options", "an object", options);
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new SimileError("invalid_argument",
        `unknown option '${name}'; known are ${known.filter((k) => !k.startsWith("_")).join(", ")}`);
    }
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} min
 * @param {number} max
 */
export function checkInteger(name, value, min, max) {
  if (!Number.isInteger(value) || /** @type {number} */ (value) < min ||
      /** @type {number} */ (value) > max) {
    throw wrong(name, `a whole number from ${min} to ${max}`, value);
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 */
export function checkNumber(name, value) {
  if (typeof value !== "number" || Number.isNaN(value)) throw wrong(name, "a number", value);
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {string} type as `typeof` names it
 */
export function checkOptional(name, value, type) {
  if (value !== undefined && typeof value !== type) throw wrong(name, `a ${type}`, value);
}

/**
 * @template {string} T
 * @param {string} name
 * @param {unknown} value
 * @param {readonly T[]} allowed
 * @returns {T}
 */
export function checkOneOf(name, value, allowed) {
  if (!allowed.includes(/** @type {T} */ (value))) {
    throw wrong(name, allowed.map((one) => `'${one}'`).join(" or "), value);
  }
  return /** @type {T} */ (value);
}

/** @param {unknown} signal */
export function checkSignal(signal) {
  if (signal === undefined) return;
  if (typeof /** @type {any} */ (signal)?.throwIfAborted !== "function") {
    throw wrong("signal", "an AbortSignal", signal);
  }
  /** @type {AbortSignal} */ (signal).throwIfAborted();
}

/**
 * One text or many as an array; the array is the caller's own when it is one.
 * @param {unknown} texts
 * @param {string} [name]
 * @returns {readonly string[]}
 */
export function checkTexts(texts, name = "texts") {
  if (typeof texts === "string") return [texts];
  if (!Array.isArray(texts)) throw wrong(name, "a string or an array of strings", texts);
  for (let index = 0; index < texts.length; ++index) {
    if (typeof texts[index] !== "string") {
      throw new SimileError("invalid_argument",
        `${name}[${index}]: expected a string, got ${describe(texts[index])}`, { index });
    }
  }
  return texts;
}
