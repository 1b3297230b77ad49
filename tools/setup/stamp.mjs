// SPDX-License-Identifier: Apache-2.0
// Skipping a step whose inputs are unchanged. A stamp holds the hash of the
// inputs and what the outputs looked like; it is written last, so a step that was
// interrupted has none and runs again.

import { readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileSha256, listFiles, sha256, writeInPlace } from "./files.mjs";
import { root } from "./paths.mjs";

/** A value that changes when any of these files or folders of the tree does. */
export async function contentOf(paths) {
  const hashes = {};
  for (const path of paths) {
    const absolute = join(root, path);
    if ((await stat(absolute)).isDirectory()) {
      for (const file of await listFiles(absolute)) {
        hashes[`${path}/${file}`] = await fileSha256(join(absolute, file));
      }
    } else {
      hashes[path] = await fileSha256(absolute);
    }
  }
  return hashes;
}

/** Size and time of each output: enough to see that it is gone, torn or touched. */
async function look(outputs) {
  const seen = {};
  for (const path of outputs) {
    const found = await stat(path).catch(() => null);
    seen[relative(root, path)] = found && [found.size, found.mtimeMs];
  }
  return seen;
}

/**
 * Runs `work` unless `stampFile` says that it ran with the same inputs and its
 * outputs are still what it left.
 * @param {string} stampFile
 * @param {unknown} inputs anything that JSON can hold
 * @param {string[]} outputs absolute paths
 * @returns {Promise<string|undefined>} "unchanged", or what `work` returned
 */
export async function unlessUnchanged(stampFile, inputs, outputs, work) {
  const inputHash = sha256(JSON.stringify(inputs));
  const describe = async () => JSON.stringify({ inputs: inputHash, outputs: await look(outputs) });
  const old = await readFile(stampFile, "utf8").catch(() => null);
  if (old !== null && old === await describe()) return "unchanged";
  const note = await work();
  await writeInPlace(stampFile, await describe());
  return note;
}
