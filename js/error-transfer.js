// SPDX-License-Identifier: Apache-2.0
// Errors across `postMessage`, which keeps neither their class nor their code.

import { SimileError } from "./errors.js";

/**
 * @param {unknown} error
 * @returns {import("./protocol.js").PlainError}
 */
export function plainError(error) {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, cause } = error;
  if (!(error instanceof SimileError)) return { name, message };
  const { code, index } = error;
  const why = cause instanceof Error ? cause.message : cause === undefined ? undefined : String(cause);
  return { name, message, code, index, cause: why };
}

/**
 * @param {import("./protocol.js").PlainError} plain
 * @returns {Error} the same SimileError or AbortError; anything else is a fault of ours
 */
export function rebuiltError({ name, message, code, index, cause }) {
  const inner = cause === undefined ? undefined : new Error(cause);
  if (code !== undefined) return new SimileError(code, message, { index, cause: inner });
  if (name === "AbortError" || name === "TimeoutError") return new DOMException(message, name);
  return new SimileError("internal", `${name}: ${message}`);
}
