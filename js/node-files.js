// SPDX-License-Identifier: Apache-2.0
// Files on disk, for Node, Deno and Bun. Node's modules are asked for at run
// time by `process.getBuiltinModule`, so that no bundler sees an import of
// "node:" and no page fetches one.

import { SimileError } from "./errors.js";

/** True in Node, Deno, Bun and Electron's main process; false in any page. */
export function isNode() {
  const process = /** @type {any} */ (globalThis.process);
  return typeof process?.versions?.node === "string" && process.type !== "renderer" &&
    typeof process.getBuiltinModule === "function";
}

/** @returns {typeof import("node:fs/promises")} */
function fileSystem() {
  return /** @type {any} */ (globalThis.process).getBuiltinModule("node:fs/promises");
}

/**
 * @param {string | URL} path or a file: URL
 * @returns {Promise<Uint8Array>}
 */
export async function readFileBytes(path) {
  return new Uint8Array(await fileSystem().readFile(path).catch((error) => {
    throw cannotRead(path, error);
  }));
}

/**
 * @param {string | URL} path or a file: URL
 * @returns {Promise<{ chunks: AsyncIterable<Uint8Array>, totalBytes: number }>}
 */
export async function openFile(path) {
  try {
    const file = await fileSystem().open(path);
    const status = await file.stat();
    if (!status.isFile()) {
      await file.close();
      throw new Error("it is not a file");
    }
    // The stream closes the file when it ends or is left early.
    const chunks = file.createReadStream({ highWaterMark: 1 << 20 });
    return { chunks, totalBytes: status.size };
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/**
 * @param {string | URL} path
 * @returns {Promise<boolean>}
 */
export async function isFolder(path) {
  const status = await fileSystem().stat(path).catch(() => undefined);
  return status?.isDirectory() ?? false;
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
