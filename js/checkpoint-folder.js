// SPDX-License-Identifier: Apache-2.0
// A checkpoint as it lies on the Hugging Face Hub: a folder of small files and
// model.safetensors, behind a URL or on disk.

import { fetchFile } from "./download.js";
import { SimileError, wrapError } from "./errors.js";
import { diskPath, openSource } from "./model-store.js";
import { pathInFolder, readFileBytes } from "./node-files.js";

// What Converter::WantsFile names; config.json and a vocabulary are required,
// and the converter says so.
const wantedFiles = [
  "config.json",
  "vocab.txt",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "modules.json",
  "1_Pooling/config.json",
  "2_Normalize/config.json",
  "sentence_bert_config.json",
  "config_sentence_transformers.json",
  "README.md",
];

/**
 * @typedef {object} CheckpointFolder
 * @property {string} name for messages and for the model's `source`
 * @property {(signal?: AbortSignal) => Promise<Map<string, Uint8Array>>} readFiles
 * @property {(options?: import("./download.js").DownloadOptions) =>
 *   Promise<import("./model-store.js").ByteSource>} openWeights
 */

/**
 * @param {string | URL} location ends with "/", or is a folder on disk
 * @param {readonly string[]} [files] that are known to exist; without, each
 *   wanted one is tried and may be missing
 * @returns {CheckpointFolder}
 */
export function checkpointFolder(location, files) {
  const folder = diskPath(location);
  return folder === undefined ? remoteFolder(String(location), files) : localFolder(String(folder));
}

/**
 * @param {string} url
 * @param {readonly string[] | undefined} files
 * @returns {CheckpointFolder}
 */
function remoteFolder(url, files) {
  // A page's own relative URLs work too.
  const base = new URL(url, globalThis.location?.href);
  /** @param {string} name @param {AbortSignal} [signal] */
  const read = async (name, signal) => {
    const response = await fetchFile(new URL(name, base), { signal });
    return new Uint8Array(await response.arrayBuffer().catch((error) => {
      throw wrapError(error, "network", `${name} of ${url} broke off`, signal);
    }));
  };
  return {
    name: url,
    openWeights: (options) => openSource(new URL("model.safetensors", base), options),
    readFiles: (signal) => readAll(files ?? wantedFiles, async (name) => {
      try {
        return await read(name, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (files === undefined && error instanceof SimileError && error.code === "network") return;
        throw error;
      }
    }),
  };
}

/**
 * @param {string} path
 * @returns {CheckpointFolder}
 */
function localFolder(path) {
  const folder = path.startsWith("file:") ? decodeURIComponent(new URL(path).pathname) : path;
  return {
    name: folder,
    openWeights: () => openSource(pathInFolder(folder, "model.safetensors")),
    readFiles: () => readAll(wantedFiles, (name) =>
      readFileBytes(pathInFolder(folder, name)).catch(() => undefined)),
  };
}

/**
 * @param {readonly string[]} names
 * @param {(name: string) => Promise<Uint8Array | undefined>} read undefined: not there
 */
async function readAll(names, read) {
  const contents = await Promise.all(names.map(read));
  /** @type {Map<string, Uint8Array>} */
  const files = new Map();
  names.forEach((name, i) => {
    const content = contents[i];
    if (content !== undefined) files.set(name, content);
  });
  return files;
}
