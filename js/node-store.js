// SPDX-License-Identifier: Apache-2.0
// Where models are kept in Node, Deno and Bun: a folder.

import { builtin } from "./environment.js";
import { openFile } from "./node-files.js";

/** @typedef {import("./cache-stores.js").OwnStore} OwnStore */

/**
 * Two files for each model, the record with the ending .json. A file is written
 * beside its place and then renamed to it, so no reader sees half of one.
 * @implements {OwnStore}
 */
class FolderStore {
  #folder;
  #recordEnding;
  #fs = builtin("node:fs/promises");

  /**
   * @param {string} folder need not exist
   * @param {string} recordEnding of keys
   */
  constructor(folder, recordEnding) {
    this.#folder = folder;
    this.#recordEnding = recordEnding;
  }

  /** @param {string} key */
  async get(key) {
    const path = this.#path(key);
    const status = await this.#fs.stat(path).catch(() => undefined);
    return status && openFile(path);
  }

  /** @param {string} key @param {Response} content */
  async put(key, content) {
    await this.#fs.mkdir(this.#folder, { recursive: true });
    const path = this.#path(key);
    const unfinished = `${path}.${globalThis.crypto.randomUUID()}.part`;
    try {
      const file = await this.#fs.open(unfinished, "wx");
      try {
        for await (const chunk of /** @type {any} */ (content.body)) await file.writeFile(chunk);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#fs.rename(unfinished, path);
    } catch (error) {
      await this.#fs.rm(unfinished, { force: true });
      throw error;
    }
  }

  /** @param {string} key */
  async delete(key) {
    await this.#fs.rm(this.#path(key), { force: true });
  }

  async records() {
    const names = (await this.#names()).filter((name) => name.endsWith(".json"));
    return Promise.all(names.map((name) => openFile(`${this.#folder}/${name}`)));
  }

  async clear() {
    const names = await this.#names();
    await Promise.all(names.map((name) => this.#fs.rm(`${this.#folder}/${name}`, { force: true })));
  }

  /** Of our own files, those left by a process that was killed among them. */
  async #names() {
    const names = await this.#fs.readdir(this.#folder).catch(() => []);
    return names.filter((name) => /-[0-9a-f]{32}\.(simile|json)(\.|$)/.test(name));
  }

  /**
   * Readable, and different for every key.
   * @param {string} key
   */
  #path(key) {
    const isRecord = key.endsWith(this.#recordEnding);
    const subject = isRecord ? key.slice(0, -this.#recordEnding.length) : key;
    const name = subject.split(/[?#]/)[0].split("/").filter(Boolean).at(-1) ?? "";
    const hash = builtin("node:crypto").createHash("sha256").update(subject).digest("hex").slice(0, 32);
    const readable = name.replace(/[^\w.-]/g, "_").slice(0, 60);
    return `${this.#folder}/${readable}-${hash}.${isRecord ? "json" : "simile"}`;
  }
}

/**
 * @param {string} recordEnding of keys
 * @returns {FolderStore} in the folder of this user
 */
export function nodeStore(recordEnding) {
  return new FolderStore(cacheFolder(), recordEnding);
}

/** `$SIMILE_CACHE` or `$XDG_CACHE_HOME/simile` or `~/.cache/simile`, and in it `models`. */
function cacheFolder() {
  const { env } = globalThis.process;
  const home = env.XDG_CACHE_HOME || `${builtin("node:os").homedir()}/.cache`;
  return `${env.SIMILE_CACHE || `${home}/simile`}/models`;
}
