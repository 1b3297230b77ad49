// SPDX-License-Identifier: Apache-2.0
// A file's bytes go to their place in the module, chunk by chunk.

import { SimileError } from "./errors.js";

/**
 * Streams a safetensors file into a model or a converter, and checks its hash.
 * @param {import("./core-stream.js").CoreStream} target
 * @param {import("./model-store.js").ByteSource} source
 * @param {{ sha256?: string, checksum?: string, isHashed?: boolean, signal?: AbortSignal,
 *   onBytes?: (loaded: number, total?: number) => void,
 *   onChunk?: (chunk: Uint8Array) => Promise<void> }} settings isHashed: with both
 *   hashes, also if none is expected; onChunk is awaited before the next chunk
 * @returns {Promise<{ bytes: number, sha256?: string, checksum?: string }>} what came
 */
export async function streamInto(target, { name, chunks, totalBytes }, settings) {
  const { sha256, checksum, isHashed, signal, onBytes, onChunk } = settings;
  if (isHashed || sha256) target.startHash("Sha256");
  if (isHashed || checksum) target.startHash("Checksum");
  let loaded = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    await target.feed(chunk, signal);
    await onChunk?.(chunk);
    loaded += chunk.length;
    onBytes?.(loaded, totalBytes);
  }
  // The hash first: of a damaged file it says more than what no longer parses.
  const actual = { sha256: target.hex("Sha256"), checksum: target.hex("Checksum") };
  if (sha256 && actual.sha256 !== sha256.toLowerCase()) {
    throw new SimileError("integrity", `${name}: expected sha256 ${sha256}, got ${actual.sha256}`);
  }
  if (checksum && actual.checksum !== checksum) throw new SimileError("integrity", `${name} is damaged`);
  target.finish();
  return { bytes: loaded, ...actual };
}
