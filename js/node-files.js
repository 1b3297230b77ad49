// SPDX-License-Identifier: Apache-2.0
// Files on disk, for Node, Deno and Bun.

import { builtin } from "./environment.js";
import { SimileError } from "./errors.js";

/**
 * @param {string | URL} path or a file: URL
 * @returns {Promise<Uint8Array>}
 */
export async function readFileBytes(path) {
  return new Uint8Array(await builtin("node:fs/promises").readFile(path).catch((error) => {
    throw cannotRead(path, error);
  }));
}

/**
 * @param {string | URL} path or a file: URL
 * @returns {Promise<{ chunks: AsyncIterable<Uint8Array>, totalBytes: number }>}
 */
export async function openFile(path) {
  const status = await builtin("node:fs/promises").stat(path).catch((error) => {
    throw cannotRead(path, error);
  });
  if (!status.isFile()) throw cannotRead(path, new Error("it is not a file"));
  return { chunks: readChunks(path), totalBytes: status.size };
}

/**
 * Opens the file with the first chunk asked for, so that one never read is never open.
 * @param {string | URL} path
 * @returns {AsyncGenerator<Uint8Array>}
 */
async function* readChunks(path) {
  const file = await builtin("node:fs/promises").open(path).catch((error) => {
    throw cannotRead(path, error);
  });
  // The stream closes the file when it ends or is left early.
  yield* file.createReadStream({ highWaterMark: 1 << 20 });
}

/**
 * @param {string | URL} path
 * @returns {Promise<boolean>}
 */
export async function isFolder(path) {
  const status = await builtin("node:fs/promises").stat(path).catch(() => undefined);
  return status?.isDirectory() ?? false;
}

/** @param {string | URL} path @returns {Promise<boolean>} whether there is anything */
export async function isThere(path) {
  return builtin("node:fs/promises").stat(path).then(() => true, () => false);
}

/**
 * @param {string} folder
 * @param {string} name of a file in it, with forward slashes
 */
export function pathInFolder(folder, name) {
  return `${folder.replace(/[\\/]+$/, "")}/${name}`;
}

/**
 * @param {string | URL} path
 * @param {any} error
 */
function cannotRead(path, error) {
  const reason = error.code === "ENOENT" ? "there is no such file" : error.message;
  return new SimileError("invalid_argument", `cannot read ${path}: ${reason}`, { cause: error });
}
