// SPDX-License-Identifier: Apache-2.0
// A checkpoint as it lies on the Hugging Face Hub: a folder of small files and of
// weights in the safetensors format, behind a URL or on disk. Which files to ask for is
// the converter's affair (Converter::WantedFiles), which reads one to know of others.

/** @typedef {import("./shared-tools.js").SharedTools} SharedTools */

/**
 * @typedef {object} CheckpointFolder
 * @property {string} name for messages and for the model's `source`
 * @property {(name: string, signal?: AbortSignal) => Promise<Uint8Array | undefined>} readFile
 *   a small file; nothing if there is none of that name
 * @property {(name: string, options?: import("./download.js").DownloadOptions) =>
 *   Promise<import("./model-store.js").ByteSource>} openWeights
 */

/**
 * @param {string | URL} location ends with "/", or is a folder on disk
 * @param {SharedTools} tools
 * @param {readonly string[]} [files] the small ones that there are, if that is known
 * @returns {CheckpointFolder}
 */
export function checkpointFolder(location, tools, files) {
  const folder = tools.diskPath(location);
  return folder === undefined ? remoteFolder(String(location), tools, files)
    : localFolder(String(folder), tools);
}

/**
 * @param {string} url
 * @param {SharedTools} tools
 * @param {readonly string[] | undefined} files
 * @returns {CheckpointFolder}
 */
function remoteFolder(url, { SimileError, fetchFile, openSource, wrapError }, files) {
  // What has a cause is no answer: the network failed.
  const isAnswer = (/** @type {unknown} */ error) =>
    error instanceof SimileError && error.code === "network" && error.cause === undefined;
  // A page's own relative URLs work too.
  const base = new URL(url, globalThis.location?.href);
  return {
    name: url,
    async openWeights(name, options) {
      try {
        return await openSource(new URL(name, base), options);
      } catch (error) {
        if (!isAnswer(error)) throw error;
        throw new SimileError("bad_model", `${url} has no ${name}; weights must be in the ` +
          `safetensors format (${/** @type {Error} */ (error).message})`, { cause: error });
      }
    },
    async readFile(name, signal) {
      if (files?.includes(name) === false) return undefined;
      try {
        const response = await fetchFile(new URL(name, base), { signal });
        return new Uint8Array(await response.arrayBuffer());
      } catch (error) {
        if (isAnswer(error) && files === undefined) return undefined;
        throw wrapError(error, "network", `${name} of ${url} broke off`, signal);
      }
    },
  };
}

/**
 * @param {string} path
 * @param {SharedTools} tools
 * @returns {CheckpointFolder}
 */
function localFolder(path, { openSource }) {
  const folder = path.startsWith("file:") ? decodeURIComponent(new URL(path).pathname) : path;
  return {
    name: folder,
    openWeights: async (name) => openSource((await import("./node-files.js")).pathInFolder(folder, name)),
    async readFile(name) {
      const { isThere, pathInFolder, readFileBytes } = await import("./node-files.js");
      const file = pathInFolder(folder, name);
      return await isThere(file) ? readFileBytes(file) : undefined;
    },
  };
}
