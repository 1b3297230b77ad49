// SPDX-License-Identifier: Apache-2.0
// Simile files of tiny checkpoints, and what tests of the package share.

import { checkpointFolder } from "../../js/checkpoint-folder.js";
import { convertCheckpoint } from "../../js/convert.js";
import { acquireCore } from "../../js/core-registry.js";
import { detectFeatures } from "../../js/features.js";
import { SimileError } from "../../js/index.js";
import { coreSettings } from "../../js/load.js";
import { sharedTools } from "../../js/shared-tools.js";
import { selectVariant } from "../../js/variants.js";
import { checkpointFiles, removeFolder, writeFolder } from "./tiny-checkpoint.js";

export const texts = ["the cat sat on the mat", "a dog", "", "cats", "the the the é 😀.", "unknown words here"];
/** @type {string[]} */
const folders = [];

/** @param {Parameters<typeof checkpointFiles>[0]} [parts] */
export async function checkpoint(parts) {
  folders.push(await writeFolder(checkpointFiles(parts)));
  return folders[folders.length - 1];
}

export function removeCheckpoints() {
  return Promise.all(folders.splice(0).map(removeFolder));
}

/** @param {string} path @param {"int8" | "f32"} [precision] */
export async function convert(path, precision) {
  const { core, release } = await acquireCore(coreSettings(selectVariant(detectFeatures())));
  const converter = await convertCheckpoint(core, checkpointFolder(path, sharedTools), { precision, name: "tiny" }, sharedTools);
  const bytes = converter.readOutput(0, converter.outputBytes);
  converter.delete();
  release();
  return bytes;
}

/** @param {Promise<unknown>} work @param {string} code @param {RegExp} message */
export async function expectError(work, code, message) {
  const error = await work.then(() => undefined, (reason) => reason);
  expect(error).toBeInstanceOf(SimileError);
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  return error;
}
