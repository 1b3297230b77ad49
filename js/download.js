// SPDX-License-Identifier: Apache-2.0
// A file by HTTP, as one stream of chunks. It refuses what is no file (a status, an
// HTML page), and goes on where a connection broke, if what follows is sure to be of
// the same file: by a strong ETag, or by a hash that the whole is checked against.

import { orAborted } from "./abort.js";
import { SimileError, wrapError } from "./errors.js";
import { readStream } from "./read-stream.js";

// The first new try is at once, and needs no timer.
const retryDelaysMs = [0, 1000, 4000];

/**
 * @typedef {object} DownloadOptions
 * @property {AbortSignal} [signal]
 * @property {RequestCache} [httpCache] as in `fetch`
 * @property {boolean} [isHashed] the whole is checked against a known hash
 * @property {(ms: number, signal?: AbortSignal) => Promise<void>} [wait] for tests
 */

/** The file at the URL is not the one any more that was begun. */
export class FileChangedError extends SimileError {
  /** @param {string} url */
  constructor(url) {
    super("network", `${url} changed while it was being downloaded; load it again`);
  }
}

/**
 * @param {string | URL} url
 * @param {{ signal?: AbortSignal, httpCache?: RequestCache }} [options]
 * @returns {Promise<Response>} with a good status, and no HTML page
 */
export async function fetchFile(url, { signal, httpCache } = {}) {
  let response;
  try {
    response = await fetch(url, { signal, ...(httpCache && { cache: httpCache }) });
  } catch (error) {
    throw wrapError(error, "network", `cannot fetch ${url}`, signal);
  }
  checkResponse(response, String(url));
  return response;
}

/**
 * @param {string | URL} url
 * @param {DownloadOptions} options
 * @returns {Promise<import("./model-store.js").ByteSource>}
 */
export async function openDownload(url, options) {
  const response = await fetchFile(url, options);
  const totalBytes = bodyBytes(response);
  return { name: String(url), chunks: readOn(String(url), response, options), totalBytes, isReused: true };
}

/**
 * @param {Response} response
 * @param {string} url
 */
export function checkResponse(response, url) {
  const isHtml = /^text\/html/i.test(response.headers.get("content-type") ?? "");
  if (response.ok && !isHtml) return;
  response.body?.cancel().catch(() => {});
  throw new SimileError("network", response.ok
    ? `${url} brought an HTML page instead of the file; is the path right?`
    : `${url}: the server answered ${response.status} ${response.statusText}`.trim());
}

/**
 * Of a compressed body, content-length counts the compressed bytes. Across
 * origins content-encoding is hidden, so more than announced is no fault.
 * @param {Response} response
 * @returns {number | undefined}
 */
export function bodyBytes({ headers }) {
  const isEncoded = (headers.get("content-encoding") ?? "identity") !== "identity";
  const length = Number(headers.get("content-length"));
  return !isEncoded && length > 0 ? length : undefined;
}

/**
 * @param {string} url
 * @param {Response} response the first
 * @param {DownloadOptions} options
 * @returns {AsyncGenerator<Uint8Array>}
 */
async function* readOn(url, response, options) {
  const { signal } = options;
  const totalBytes = bodyBytes(response);
  const etag = strongEtag(response);
  const isEncoded = (response.headers.get("content-encoding") ?? "identity") !== "identity";
  const canResume = !isEncoded && (etag !== undefined || options.isHashed === true);
  const delays = canResume ? [...retryDelaysMs] : [];
  let received = 0;
  for (let body = response; ;) {
    try {
      if (body.body === null) return;
      const rest = totalBytes === undefined ? undefined : totalBytes - received;
      for await (const chunk of readStream(body.body, url, rest, signal, { isReused: true, owner: body })) {
        received += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      if (delays.length === 0 || /** @type {any} */ (error)?.code !== "network") throw error;
      body = await resume(url, { received, etag, delays, error }, options);
    }
  }
}

/**
 * @param {string} url
 * @param {{ received: number, etag: string | undefined, delays: number[], error: unknown }} state
 * @param {DownloadOptions} options
 * @returns {Promise<Response>} whose body begins with the byte after those received
 */
async function resume(url, { received, etag, delays, error }, { signal, wait = delay }) {
  for (let ms = delays.shift(); ms !== undefined; ms = delays.shift()) {
    if (ms > 0) await wait(ms, signal);
    signal?.throwIfAborted();
    // No If-Range, for which other origins would be asked by a preflight request:
    // the ETag that comes with the part says the same.
    const headers = { range: `bytes=${received}-` };
    const response = await fetch(url, { signal, headers, cache: "no-store" }).catch(() => undefined);
    signal?.throwIfAborted();
    if (response === undefined || response.status >= 500) continue;
    if (!continues(response, etag, received)) {
      response.body?.cancel().catch(() => {});
      throw new FileChangedError(url);
    }
    return response.status === 206 ? response : skipBytes(response, received);
  }
  throw error;
}

/**
 * @param {Response} response
 * @param {string | undefined} etag
 * @param {number} received
 */
function continues(response, etag, received) {
  if (etag !== undefined && strongEtag(response) !== etag) return false;
  if (response.status === 200) return true;
  const range = response.headers.get("content-range"); // hidden by some origins
  return response.status === 206 && (range === null || range.startsWith(`bytes ${received}-`));
}

/**
 * The rest of a body from a server that sends files only whole.
 * @param {Response} response
 * @param {number} count
 */
function skipBytes(response, count) {
  let left = count;
  /** @type {Transformer<Uint8Array, Uint8Array>} */
  const skip = {
    transform(chunk, controller) {
      if (left < chunk.length) controller.enqueue(chunk.subarray(left));
      left = Math.max(0, left - chunk.length);
    },
  };
  return new Response(response.body?.pipeThrough(new TransformStream(skip)));
}

/** @param {Response} response */
function strongEtag({ headers }) {
  const etag = headers.get("etag");
  return etag === null || etag.startsWith("W/") ? undefined : etag;
}

/** @param {number} ms @param {AbortSignal} [signal] */
function delay(ms, signal) {
  return orAborted(new Promise((resolve) => setTimeout(() => resolve(undefined), ms)), signal);
}
