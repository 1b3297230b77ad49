// SPDX-License-Identifier: Apache-2.0
// A file's bytes go to their place in the module, chunk by chunk.

import { SimileError } from "./errors.js";

/**
 * Streams a safetensors file into a model or a converter, and checks its hash.
 * @param {import("./core-stream.js").CoreStream} target
 * @param {import("./model-store.js").ByteSource} source
 * @param {{ sha256?: string, isHashed?: boolean, signal?: AbortSignal,
 *   onBytes?: (loaded: number, total?: number) => void,
 *   onChunk?: (chunk: Uint8Array) => Promise<void> }} settings isHashed: also without an
 *   expected hash; onChunk is awaited before the next chunk
 * @returns {Promise<{ bytes: number, sha256?: string }>} what came
 */
export async function streamInto(target, { name, chunks, totalBytes }, settings) {
  const { sha256, isHashed = sha256 !== undefined, signal, onBytes, onChunk } = settings;
  if (isHashed) target.startHash();
  let loaded = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    target.feed(chunk);
    await onChunk?.(chunk);
    loaded += chunk.length;
    onBytes?.(loaded, totalBytes);
  }
  // The hash first: of a damaged file it says more than what no longer parses.
  const actual = isHashed ? target.sha256() : undefined;
  if (sha256 !== undefined && actual !== sha256.toLowerCase()) {
    throw new SimileError("integrity", `${name}: expected sha256 ${sha256}, got ${actual}`);
  }
  target.finish();
  return { bytes: loaded, sha256: actual };
}
