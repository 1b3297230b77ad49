// SPDX-License-Identifier: Apache-2.0
// A checkpoint as on the Hugging Face Hub becomes a Simile file, inside the
// module, while its weights stream in. Used by `load` and by `simile convert`.

import { SimileError } from "./errors.js";
import { nextTurn } from "./event-loop.js";

/** To be raised whenever the same checkpoint becomes another file: files are cached. */
export const converterVersion = 2;

/**
 * @typedef {object} ConvertSettings
 * @property {"int8" | "f32"} [precision]
 * @property {string} [name]
 * @property {string} [source]
 * @property {string} [license]
 * @property {Uint8Array} [calibration] UTF-8 lines; without, weights are only rounded
 * @property {string} [sha256] expected of model.safetensors
 * @property {AbortSignal} [signal]
 * @property {(loaded: number, total?: number) => void} [onBytes]
 * @property {(fraction: number) => void} [onStep] of the work after the last byte
 */

/**
 * @param {import("./core.js").Core} core
 * @param {import("./checkpoint-folder.js").CheckpointFolder} folder
 * @param {ConvertSettings} settings
 * @returns {Promise<import("./core-converter.js").CoreConverter>} with its output
 *   ready; the caller deletes it
 */
export async function convertCheckpoint(core, folder, settings) {
  const { precision = "int8", name, source, license, calibration, signal } = settings;
  const files = await folder.readFiles(signal);
  const weights = await folder.openWeights({ signal, isHashed: settings.sha256 !== undefined });
  const converter = core.newConverter({ precision, name, source, license });
  try {
    for (const [fileName, content] of files) converter.addFile(fileName, content);
    if (calibration !== undefined) converter.setCalibration(calibration);
    converter.start(weights.isExact ? weights.totalBytes : undefined);
    await streamInto(converter, weights, settings);
    while (converter.step()) {
      settings.onStep?.(converter.progress);
      await nextTurn();
      signal?.throwIfAborted();
    }
    settings.onStep?.(1);
    return converter;
  } catch (error) {
    converter.delete();
    throw error;
  }
}

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
