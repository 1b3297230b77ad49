// SPDX-License-Identifier: Apache-2.0
// Where a model's bytes come from: a URL, a path, a Blob, a buffer, a Response
// or a stream, each as one stream of chunks. It checks what a transport can get
// wrong (status, an HTML page instead of the file, a body that ends early); what
// the bytes mean is the module's affair.

import { SimileError, wrapError } from "./errors.js";
import { describe } from "./checks.js";
import { isNode, openFile } from "./node-files.js";

/**
 * @typedef {object} ByteSource
 * @property {string} name for messages
 * @property {AsyncIterable<Uint8Array>} chunks
 * @property {number} [totalBytes] as announced
 * @property {boolean} [isExact] totalBytes is certain: no transport stands between
 */

/**
 * @param {unknown} source
 * @param {AbortSignal} [signal]
 * @returns {Promise<ByteSource>}
 */
export async function openSource(source, signal) {
  if (typeof source === "string" || source instanceof URL) return openLocation(source, signal);
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
  if (any?.headers !== undefined && any.body !== undefined) return openResponse(any, signal);
  if (typeof any?.getReader === "function") {
    return { name: "the stream", chunks: readStream(any, "the stream", undefined, signal) };
  }
  throw new SimileError("invalid_argument",
    "model: expected a name, a URL, a File, an ArrayBuffer, a Response or a stream, got " +
    describe(source));
}

/**
 * @param {string | URL} location
 * @param {AbortSignal} [signal]
 */
async function openLocation(location, signal) {
  const path = diskPath(location);
  if (path !== undefined) return { name: String(path), ...await openFile(path), isExact: true };
  return openResponse(await fetchFile(location, signal), signal);
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
 * @param {string | URL} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>} with a good status, and no HTML page
 */
export async function fetchFile(url, signal) {
  let response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    throw wrapError(error, "network", `cannot fetch ${url}`, signal);
  }
  checkResponse(response, String(url));
  return response;
}

/**
 * @param {Response} response
 * @param {string} url
 */
function checkResponse(response, url) {
  const isHtml = /^text\/html/i.test(response.headers.get("content-type") ?? "");
  if (response.ok && !isHtml) return;
  response.body?.cancel().catch(() => {});
  throw new SimileError("network", response.ok
    ? `${url} brought an HTML page instead of the file; is the path right?`
    : `${url}: the server answered ${response.status} ${response.statusText}`.trim());
}

/**
 * @param {Response} response
 * @param {AbortSignal} [signal]
 * @returns {ByteSource}
 */
function openResponse(response, signal) {
  const name = response.url || "the Response";
  checkResponse(response, name);
  if (response.body === null || response.bodyUsed) {
    throw new SimileError("invalid_argument", `${name} has no body left to read`);
  }
  // Of a compressed body, content-length counts the compressed bytes. Across
  // origins content-encoding is hidden, so more than announced is no fault.
  const isEncoded = (response.headers.get("content-encoding") ?? "identity") !== "identity";
  const length = Number(response.headers.get("content-length"));
  const totalBytes = !isEncoded && length > 0 ? length : undefined;
  return { name, chunks: readStream(response.body, name, totalBytes, signal), totalBytes };
}

/**
 * @param {ReadableStream<Uint8Array>} stream
 * @param {string} name
 * @param {number | undefined} totalBytes
 * @param {AbortSignal | undefined} signal
 * @returns {AsyncGenerator<Uint8Array>}
 */
async function* readStream(stream, name, totalBytes, signal) {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", cancel);
  let received = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw wrapError(error, "network", `${name} broke off after ${received} bytes`, signal);
      });
      signal?.throwIfAborted();
      if (done) break;
      const chunk = viewOf(value);
      if (chunk === undefined) {
        throw new SimileError("invalid_argument", `${name}: expected bytes, got ${describe(value)}`);
      }
      received += chunk.length;
      yield chunk;
    }
    if (totalBytes !== undefined && received < totalBytes) {
      throw new SimileError("network", `${name} ended after ${received} of ${totalBytes} bytes`);
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
    cancel();
  }
}

/** @param {Uint8Array[]} chunks */
async function* chunksOf(chunks) {
  yield* chunks;
}

/**
 * The bytes of a buffer or of a view of one, from any realm.
 * @param {unknown} value
 * @returns {Uint8Array | undefined}
 */
function viewOf(value) {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  const tag = Object.prototype.toString.call(value);
  const isBuffer = tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]";
  return isBuffer ? new Uint8Array(/** @type {ArrayBuffer} */ (value)) : undefined;
}
