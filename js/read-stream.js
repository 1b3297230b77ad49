// SPDX-License-Identifier: Apache-2.0
// A stream as chunks of bytes, from any realm: a break, an early end and an abort
// become errors that say how far it came.

import { describe } from "./checks.js";
import { SimileError, wrapError } from "./errors.js";

const bufferBytes = 1 << 20;

/** @type {Set<Response | undefined>} whose streams are being read */
const unfinished = new Set();

/**
 * @param {ReadableStream<Uint8Array>} stream
 * @param {string} name
 * @param {number | undefined} totalBytes
 * @param {AbortSignal | undefined} signal
 * @param {{ isReused?: boolean, owner?: Response }} [how] isReused: a chunk is good until the
 *   next one is asked for, so that a whole model's bytes need not lie about before they are
 *   collected; owner: of the stream
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* readStream(stream, name, totalBytes, signal, { isReused = false, owner } = {}) {
  // Chromium 156 ends no read of a cached Response that it collected meanwhile.
  unfinished.add(owner);
  const reader = (isReused && byteReader(stream)) || stream.getReader();
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
    unfinished.delete(owner);
  }
}

/**
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel"> | undefined} that
 *   reads into one buffer, which goes there and back; nothing where engines cannot do it
 */
function byteReader(stream) {
  let reader;
  try {
    reader = stream.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
  const byteReader = reader;
  let buffer = new ArrayBuffer(bufferBytes);
  return {
    async read() {
      const { done, value } = await byteReader.read(new Uint8Array(buffer));
      if (done || value === undefined) return { done: true, value: undefined };
      buffer = value.buffer;
      return { done, value };
    },
    cancel: (reason) => byteReader.cancel(reason),
  };
}

/**
 * The bytes of a buffer or of a view of one, from any realm.
 * @param {unknown} value
 * @returns {Uint8Array | undefined}
 */
export function viewOf(value) {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  const tag = Object.prototype.toString.call(value);
  const isBuffer = tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]";
  return isBuffer ? new Uint8Array(/** @type {ArrayBuffer} */ (value)) : undefined;
}
