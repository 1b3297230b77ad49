// SPDX-License-Identifier: Apache-2.0
// A checkpoint as on the Hugging Face Hub becomes a Simile file, inside the
// module, while its weights stream in. Used by `load`, which fetches this file when
// it needs it, and by `simile convert`.

import { CoreConverter } from "./core-converter.js";
import { nextTurn } from "./event-loop.js";
import { streamInto } from "./stream-into.js";

export { checkpointFolder } from "./checkpoint-folder.js";

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
  const converter = new CoreConverter(core, { precision, name, source, license });
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
