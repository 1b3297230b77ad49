// SPDX-License-Identifier: Apache-2.0
// What `load` was given, in a form that can be cloned to a worker. Relative URLs
// are the page's; bytes go as a Blob, which crosses without being copied; for a
// Response or a stream see stream-source.js.

import { entryOf } from "./model-catalog.js";

/** @typedef {import("./open-model.js").ModelSource} ModelSource */

/**
 * @typedef {{ kind: "whole", value: string | Blob } |
 *   { kind: "stream" } |
 *   { kind: "response", head: ResponseHead }} PortableSource
 */

/**
 * @typedef {object} ResponseHead
 * @property {string} url
 * @property {boolean} ok
 * @property {number} status
 * @property {string} statusText
 * @property {[string, string][]} headers
 * @property {boolean} hasBody
 */

/**
 * @param {ModelSource} source that is repeatable
 * @returns {PortableSource}
 */
export function packSource(source) {
  if (typeof source === "string" || source instanceof URL) {
    const value = entryOf(source) ? String(source) : absolute(String(source));
    return { kind: "whole", value };
  }
  return { kind: "whole", value: /** @type {Blob} */ (bytesAsBlob(source)) };
}

/**
 * Bytes as a Blob, which a browser may keep outside the page's memory, and which
 * no longer change; anything else as it is.
 * @param {ModelSource} source
 * @returns {ModelSource}
 */
export function bytesAsBlob(source) {
  const isBytes = ArrayBuffer.isView(source) ||
    /Buffer\]$/.test(Object.prototype.toString.call(source));
  return isBytes ? new Blob([unshared(source)]) : source;
}

/** Whether the source can be opened a second time. @param {ModelSource} source */
export function isRepeatable(source) {
  const any = /** @type {any} */ (source);
  return typeof any?.getReader !== "function" && !(any?.headers !== undefined && any.body !== undefined);
}

/** @param {string} location */
function absolute(location) {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  if (base === undefined) return location; // Node knows what it is relative to
  try {
    return new URL(location, base).href;
  } catch {
    return location; // whoever fetches it says what is wrong with it
  }
}

/**
 * A Blob takes no shared memory.
 * @param {any} bytes
 * @returns {any}
 */
function unshared(bytes) {
  const buffer = ArrayBuffer.isView(bytes) ? bytes.buffer : bytes;
  if (Object.prototype.toString.call(buffer) === "[object ArrayBuffer]") return bytes;
  return ArrayBuffer.isView(bytes)
    ? new Uint8Array(buffer, bytes.byteOffset, bytes.byteLength).slice()
    : new Uint8Array(buffer).slice();
}
