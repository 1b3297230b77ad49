// SPDX-License-Identifier: Apache-2.0
// A stream as chunks of bytes, from any realm: a break, an early end and an abort
// become errors that say how far it came.

import { describe } from "./checks.js";
import { SimileError, wrapError } from "./errors.js";

/**
 * @param {ReadableStream<Uint8Array>} stream
 * @param {string} name
 * @param {number | undefined} totalBytes
 * @param {AbortSignal | undefined} signal
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* readStream(stream, name, totalBytes, signal) {
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
