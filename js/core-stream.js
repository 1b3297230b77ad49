// SPDX-License-Identifier: Apache-2.0
// What a model and a converter in the module have in common: both take a
// safetensors file as it streams in, straight to its place in the heap. The
// rules at the head of core.js hold here.

import { orAborted } from "./abort.js";
import { SimileError } from "./errors.js";

/** @typedef {import("./core.js").Core} Core */

export class CoreStream {
  /** @type {Map<"Sha256" | "Checksum", any>} by class */
  #hashes = new Map();

  /** @param {Core} core @param {any} handle */
  constructor(core, handle) {
    this.core = core;
    this.handle = handle;
  }

  /** From now on the file is hashed as it passes; see `hex`. @param {"Sha256" | "Checksum"} kind */
  startHash(kind) {
    this.#hashes.set(kind, this.core.newHash(kind));
  }

  /**
   * @param {"Sha256" | "Checksum"} kind
   * @returns {string | undefined} of the bytes since `startHash`
   */
  hex(kind) {
    return this.core.guard(() => this.#hashes.get(kind)?.hex());
  }

  /**
   * Takes the next bytes of the file to their place in the heap.
   * @param {Uint8Array} chunk
   * @param {AbortSignal} [signal] ends the waiting for what the file needs
   */
  async feed(chunk, signal) {
    for (let begin = 0; begin < chunk.length;) {
      const room = this.core.guard(() => this.handle.spanSize());
      if (room === 0) {
        throw new SimileError("bad_model", "the file goes on after the last tensor that it lists");
      }
      const count = Math.min(room, chunk.length - begin);
      const pointer = this.core.guard(() => this.handle.spanPointer()) >>> 0;
      this.core.bytes(pointer, count).set(chunk.subarray(begin, begin + count));
      for (const hash of this.#hashes.values()) this.core.guard(() => hash.update(pointer, count));
      const needsSentencepiece = this.core.run((status) => this.handle.commit(status, count));
      if (needsSentencepiece) await orAborted(this.core.attachSentencepiece(), signal);
      begin += count;
    }
  }

  /** After the last byte: what came is checked as a whole. */
  finish() {
    this.core.run((status) => this.handle.finish(status));
  }

  delete() {
    if (!this.core.isAlive || this.handle === undefined) return;
    this.core.guard(() => {
      this.handle.delete();
      for (const hash of this.#hashes.values()) hash.delete();
    });
    this.handle = undefined;
  }
}
