// SPDX-License-Identifier: Apache-2.0
// What a model and a converter in the module have in common: both take a
// safetensors file as it streams in, straight to its place in the heap. The
// rules at the head of core.js hold here.

import { SimileError } from "./errors.js";

/** @typedef {import("./core.js").Core} Core */

export class CoreStream {
  /** @type {any} */
  #hash;

  /** @param {Core} core @param {any} handle */
  constructor(core, handle) {
    this.core = core;
    this.handle = handle;
  }

  /** From now on the file is hashed as it passes; see `sha256`. */
  startHash() {
    this.#hash = this.core.newSha256();
  }

  /** @returns {string} of the bytes since `startHash`, in hex; call once */
  sha256() {
    return this.core.guard(() => this.#hash.hex());
  }

  /**
   * Takes the next bytes of the file to their place in the heap.
   * @param {number} available
   * @param {(pointer: number, count: number, begin: number) => void} write puts
   *   bytes [begin, begin + count) of the available ones at the pointer
   */
  take(available, write) {
    for (let begin = 0; begin < available;) {
      const room = this.core.guard(() => this.handle.spanSize());
      if (room === 0) {
        throw new SimileError("bad_model", "the file goes on after the last tensor that it lists");
      }
      const count = Math.min(room, available - begin);
      const pointer = this.core.guard(() => this.handle.spanPointer()) >>> 0;
      write(pointer, count, begin);
      if (this.#hash) this.core.guard(() => this.#hash.update(pointer, count));
      this.core.run((status) => this.handle.commit(status, count));
      begin += count;
    }
  }

  /** @param {Uint8Array} chunk */
  feed(chunk) {
    this.take(chunk.length, (pointer, count, begin) => {
      this.core.bytes(pointer, count).set(chunk.subarray(begin, begin + count));
    });
  }

  /** After the last byte: what came is checked as a whole. */
  finish() {
    this.core.run((status) => this.handle.finish(status));
  }

  delete() {
    if (!this.core.isAlive || this.handle === undefined) return;
    this.core.guard(() => {
      this.handle.delete();
      this.#hash?.delete();
    });
    this.handle = undefined;
  }
}
