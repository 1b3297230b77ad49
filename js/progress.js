// SPDX-License-Identifier: Apache-2.0
// One bar over everything that a load does: it only grows, and reaches 1 once.

/**
 * @typedef {object} Progress
 * @property {number} loaded bytes of the module and the model so far
 * @property {number} total bytes of both, as far as known
 * @property {number} moduleBytes how many of them are the module's; 0 if another load had
 *   fetched it, or if its server and the engine do not tell
 * @property {number} fraction 0…1
 * @property {import("./model-cache.js").CacheState} [cache] in the last event of a load
 * @property {string} [cacheReason] why, if that needs saying
 */

/** @typedef {(progress: Progress) => void} ProgressCallback */

/** @typedef {{ weight: number, fraction: number, loaded: number, total: number }} Part */

export class ProgressBar {
  #report;
  /** @type {Map<string, Part>} */
  #parts = new Map();
  #fraction = 0;

  /**
   * @param {ProgressCallback | undefined} report
   * @param {Record<string, number>} weights of the parts; they add up to 1
   */
  constructor(report, weights) {
    this.#report = report;
    for (const [name, weight] of Object.entries(weights)) {
      this.#parts.set(name, { weight, fraction: 0, loaded: 0, total: 0 });
    }
  }

  /**
   * Tells of bytes that are to come; the next event says so.
   * @param {string} name of a part
   * @param {number} [total] nothing: unknown
   */
  expect(name, total = 0) {
    this.#part(name).total = total;
  }

  /**
   * @param {string} name of a part
   * @param {number} loaded bytes
   * @param {number} [total] unknown: the part stays at 0 until it is done
   */
  bytes(name, loaded, total) {
    const part = this.#part(name);
    // What is begun anew (a file that changed) does not count twice, nor back.
    part.loaded = Math.max(part.loaded, loaded);
    part.total = Math.max(total ?? part.total, part.loaded);
    if (total) part.fraction = Math.min(1, loaded / total);
    this.#update();
  }

  /**
   * @param {string} name of a part
   * @param {number} fraction 0…1
   */
  fraction(name, fraction) {
    this.#part(name).fraction = fraction;
    this.#update();
  }

  /**
   * @param {string} name of a part that came at once
   * @param {number} bytes that it has
   */
  finishPart(name, bytes) {
    Object.assign(this.#part(name), { fraction: 1, loaded: bytes, total: bytes });
    this.#update();
  }

  /**
   * All parts are done: the one event with fraction 1.
   * @param {import("./model-cache.js").CacheUse} use
   */
  finish(use) {
    for (const part of this.#parts.values()) part.fraction = 1;
    this.#update(use);
  }

  /**
   * @param {string} name of a part; one that was not foreseen (what was cached turned out
   *   bad) weighs nothing
   */
  #part(name) {
    const part = this.#parts.get(name) ?? { weight: 0, fraction: 0, loaded: 0, total: 0 };
    this.#parts.set(name, part);
    return part;
  }

  /** @param {import("./model-cache.js").CacheUse} [use] */
  #update(use) {
    if (this.#report === undefined) return;
    const parts = [...this.#parts.values()];
    /** @param {(part: Part) => number} value */
    const sum = (value) => parts.reduce((total, part) => total + value(part), 0);
    const fraction = sum((part) => part.weight * part.fraction);
    // A sum of weights may miss 1 by a rounding. `finish` says so, once.
    const isComplete = fraction >= 1 || parts.every((part) => part.fraction === 1);
    if (isComplete && use === undefined) return;
    this.#fraction = use === undefined ? Math.max(this.#fraction, fraction) : 1;
    this.#report({
      loaded: sum((part) => part.loaded),
      total: sum((part) => part.total),
      moduleBytes: this.#parts.get("module")?.loaded ?? 0,
      fraction: this.#fraction,
      ...use,
    });
  }
}
