// SPDX-License-Identifier: Apache-2.0
// A checkpoint as on the Hugging Face Hub becomes a Simile file, inside the
// module, while its weights stream in. Used by `load`, which fetches this file when
// it needs it (shared-tools.js), and by `simile convert`.

import { CoreConverter } from "./core-converter.js";

export { checkpointFolder } from "./checkpoint-folder.js";

/** @typedef {import("./shared-tools.js").SharedTools} SharedTools */

/**
 * @typedef {object} ConvertSettings
 * @property {"int8" | "f32"} [precision]
 * @property {string} [name]
 * @property {string} [source]
 * @property {string} [license]
 * @property {Uint8Array} [calibration] UTF-8 lines; without, weights are only rounded
 * @property {string} [sha256] expected of the weights; of several files, of the first
 * @property {AbortSignal} [signal]
 * @property {(loaded: number, total?: number) => void} [onBytes]
 * @property {(fraction: number) => void} [onStep] of the work after the last byte
 */

/**
 * @param {import("./core.js").Core} core
 * @param {import("./checkpoint-folder.js").CheckpointFolder} folder
 * @param {ConvertSettings} settings
 * @param {SharedTools} tools
 * @returns {Promise<import("./core-converter.js").CoreConverter>} with its output
 *   ready; the caller deletes it
 */
export async function convertCheckpoint(core, folder, settings, tools) {
  const { precision = "int8", name, source, license, calibration, signal } = settings;
  const converter = new CoreConverter(core, { precision, name, source, license });
  try {
    const names = await addFiles(converter, folder, signal, tools);
    if (isSentencepiece(names)) await core.attachSentencepiece();
    signal?.throwIfAborted();
    if (calibration !== undefined) converter.setCalibration(calibration);
    converter.start();
    await streamWeights(converter, folder, settings, tools);
    while (converter.step()) {
      settings.onStep?.(converter.progress);
      await tools.nextTurn();
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
 * Hands over the small files, as the converter names them: what it reads in one tells
 * of others.
 * @param {CoreConverter} converter
 * @param {import("./checkpoint-folder.js").CheckpointFolder} folder
 * @param {AbortSignal | undefined} signal
 * @param {SharedTools} tools
 * @returns {Promise<Set<string>>} the names of those that there are
 */
async function addFiles(converter, folder, signal, { SimileError }) {
  /** @type {Set<string>} */
  const found = new Set();
  for (let names = converter.wantedFiles; names.length > 0; names = converter.wantedFiles) {
    const contents = await Promise.all(names.map((name) => folder.readFile(name, signal)));
    signal?.throwIfAborted();
    contents.forEach((content, i) => {
      if (content === undefined) return;
      converter.addFile(names[i], content);
      found.add(names[i]);
    });
    if (found.size > 0) continue;
    throw new SimileError("bad_model", `${folder.name} is no checkpoint: it has no ${names[0]}`);
  }
  return found;
}

/**
 * @param {CoreConverter} converter
 * @param {import("./checkpoint-folder.js").CheckpointFolder} folder
 * @param {ConvertSettings} settings
 * @param {SharedTools} tools
 */
async function streamWeights(converter, folder, { sha256, signal, onBytes }, { streamInto }) {
  const names = converter.weightFiles;
  let before = 0;
  for (const [i, name] of names.entries()) {
    // Of several files the first is checked.
    const own = i === 0 ? sha256 : undefined;
    const weights = await folder.openWeights(name, { signal, isHashed: own !== undefined });
    converter.openWeights(weights.isExact ? weights.totalBytes : undefined);
    // Parts of one file are about as long as each other; what else comes is small.
    const parts = names.slice(i + 1).filter((other) => /-of-\d+\.safetensors$/.test(other)).length;
    const { bytes } = await streamInto(converter.stream, weights, {
      sha256: own,
      signal,
      onBytes: (loaded, total) =>
        onBytes?.(before + loaded, total === undefined ? undefined : before + total * (1 + parts)),
    });
    before += bytes;
  }
}

/**
 * Whether the tokenizer is a sentencepiece model: where there is a tokenizer.json, that
 * is read instead (src/convert/tokenizer_files.h).
 * @param {Set<string>} names
 */
function isSentencepiece(names) {
  return !names.has("tokenizer.json") && [...names].some((name) => name.endsWith(".model"));
}
