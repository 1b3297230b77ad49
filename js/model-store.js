// SPDX-License-Identifier: Apache-2.0
// Where a model's bytes come from: a URL, a path, a Blob, a buffer, a Response
// or a stream, each as one stream of chunks. It checks what a transport can get
// wrong (status, an HTML page instead of the file, a body that ends early); what
// the bytes mean is the module's affair.

import { describe } from "./checks.js";
import { bodyBytes, checkResponse, openDownload } from "./download.js";
import { isNode } from "./environment.js";
import { SimileError } from "./errors.js";
import { readStream, viewOf } from "./read-stream.js";

/**
 * @typedef {object} ByteSource
 * @property {string} name for messages
 * @property {AsyncIterable<Uint8Array>} chunks
 * @property {number} [totalBytes] as announced
 * @property {boolean} [isExact] totalBytes is certain: no transport stands between
 * @property {boolean} [isReused] a chunk is good until the next one is asked for
 */

/** @typedef {import("./download.js").DownloadOptions & { isReused?: boolean }} OpenOptions */

/**
 * @param {unknown} source
 * @param {OpenOptions} [options] isReused: as in ByteSource, where it is possible
 * @returns {Promise<ByteSource>}
 */
export async function openSource(source, options = {}) {
  const { signal } = options;
  if (typeof source === "string" || source instanceof URL) return openLocation(source, options);
  const bytes = viewOf(source);
  if (bytes !== undefined) {
    return { name: "the buffer", chunks: chunksOf([bytes]), totalBytes: bytes.length, isExact: true };
  }
  const any = /** @type {any} */ (source);
  if (typeof any?.stream === "function" && typeof any.size === "number") {
    const name = any.name ?? "the Blob";
    const chunks = readStream(any.stream(), name, any.size, signal);
    return { name, chunks, totalBytes: any.size, isExact: true };
  }
  if (any?.headers !== undefined && any.body !== undefined) return openResponse(any, options);
  if (typeof any?.getReader === "function") {
    return { name: "the stream", chunks: readStream(any, "the stream", undefined, signal) };
  }
  throw new SimileError("invalid_argument",
    "model: expected a name, a URL, a File, an ArrayBuffer, a Response or a stream, got " +
    describe(source));
}

/**
 * @param {string | URL} location
 * @param {import("./download.js").DownloadOptions} options
 * @returns {Promise<ByteSource>}
 */
async function openLocation(location, options) {
  const path = diskPath(location);
  if (path === undefined) return openDownload(location, options);
  const { openFile } = await import("./node-files.js");
  return { name: String(path), ...await openFile(path), isExact: true };
}

/**
 * @param {unknown} source
 * @returns {Promise<boolean>} whether it names a folder rather than a file
 */
export async function isFolderLocation(source) {
  if (typeof source !== "string" && !(source instanceof URL)) return false;
  if (/^[^?#]*\/([?#]|$)/.test(String(source))) return true;
  const path = diskPath(source);
  return path !== undefined && (await import("./node-files.js")).isFolder(path);
}

/** @param {string} name that may be a path, too @returns {Promise<boolean>} whether it is */
export async function isOnDisk(name) {
  return diskPath(name) !== undefined && (await import("./node-files.js")).isThere(name);
}

/**
 * @param {string | URL} location
 * @returns {string | URL | undefined} for Node's fs; undefined for what is fetched
 */
export function diskPath(location) {
  if (!isNode()) return undefined;
  const text = String(location);
  if (text.startsWith("file:")) return new URL(text);
  // Two letters at least: "C:" is a drive.
  return /^[a-z][a-z0-9+.-]+:/i.test(text) ? undefined : text;
}

/**
 * @param {Response} response
 * @param {OpenOptions} options
 * @returns {ByteSource}
 */
function openResponse(response, { signal, isReused }) {
  const name = response.url || "the Response";
  checkResponse(response, name);
  if (response.body === null || response.bodyUsed) {
    throw new SimileError("invalid_argument", `${name} has no body left to read`);
  }
  const totalBytes = bodyBytes(response);
  const chunks = readStream(response.body, name, totalBytes, signal, { isReused, owner: response });
  return { name, chunks, totalBytes, isReused };
}

/** @param {Uint8Array[]} chunks */
async function* chunksOf(chunks) {
  yield* chunks;
}
