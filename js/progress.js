// SPDX-License-Identifier: Apache-2.0
// One bar over everything that a load does: it only grows, and reaches 1 once.

/**
 * @typedef {object} Progress
 * @property {number} loaded bytes of the model so far
 * @property {number} total bytes in all, as far as known
 * @property {number} fraction 0…1
 * @property {import("./model-cache.js").CacheState} [cache] in the last event of a load
 * @property {string} [cacheReason] why, if that needs saying
 */

/** @typedef {(progress: Progress) => void} ProgressCallback */

export class ProgressBar {
  #report;
  /** @type {Map<string, { weight: number, fraction: number, loaded: number, total: number }>} */
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
   * @param {string} name of a part
   * @param {number} loaded bytes
   * @param {number} [total] unknown: the part stays at 0 until it is done
   */
  bytes(name, loaded, total) {
    const part = this.#part(name);
    // What is begun anew (a file that changed) does not count twice, nor back.
    part.loaded = Math.max(part.loaded, loaded);
    part.total = Math.max(total ?? 0, part.loaded);
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
   * All parts are done: the one event with fraction 1.
   * @param {import("./model-cache.js").CacheUse} use
   */
  finish(use) {
    for (const part of this.#parts.values()) part.fraction = 1;
    this.#update(use);
  }

  /** @param {string} name of a part */
  #part(name) {
    return /** @type {{ weight: number, fraction: number, loaded: number, total: number }} */ (
      this.#parts.get(name));
  }

  /** @param {import("./model-cache.js").CacheUse} [use] */
  #update(use) {
    if (this.#report === undefined) return;
    const parts = [...this.#parts.values()];
    /** @param {(part: typeof parts[0]) => number} value */
    const sum = (value) => parts.reduce((total, part) => total + value(part), 0);
    const isComplete = parts.every((part) => part.fraction === 1);
    if (isComplete && use === undefined) return; // `finish` says so, once
    // A sum of weights may miss 1 by a rounding.
    const fraction = isComplete ? 1 : Math.min(sum((part) => part.weight * part.fraction), 1);
    this.#fraction = Math.max(this.#fraction, fraction);
    this.#report({
      loaded: sum((part) => part.loaded),
      total: sum((part) => part.total),
      fraction: this.#fraction,
      ...use,
    });
  }
}
