// SPDX-License-Identifier: Apache-2.0
// Asks a worker for the map's axes; where module workers are missing, computes
// them here, for a list short enough not to be felt.

import { principalAxes, project } from "./principal-axes.js";

const maxHere = 100;

/** @typedef {{ axes: import("./principal-axes.js").Axes, points: Float64Array }} Placed */

export class AxesClient {
  #worker = new Worker(new URL("./principal-axes-worker.js", import.meta.url), { type: "module" });
  /** @type {((answer: any) => void)[]} what waits for answers, which come in order */
  #waiting = [];
  #isBroken = false;

  constructor() {
    this.#worker.addEventListener("message", ({ data }) => this.#waiting.shift()?.(data));
    this.#worker.addEventListener("error", () => {
      this.#isBroken = true;
      this.#waiting.splice(0).forEach((settle) => settle(undefined));
    });
  }

  /**
   * @param {Float32Array} vectors [count, dims]
   * @param {number} dims
   * @returns {Promise<Placed>}
   */
  async place(vectors, dims) {
    return await this.#ask(vectors, dims) ?? placeHere(vectors, dims);
  }

  /** @param {Float32Array} vectors @param {number} dims @returns {Promise<Placed | undefined>} */
  #ask(vectors, dims) {
    if (this.#isBroken) return Promise.resolve(undefined);
    const copy = vectors.slice();
    this.#worker.postMessage({ vectors: copy, dims }, [copy.buffer]);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** @param {Float32Array} vectors @param {number} dims @returns {Placed} */
function placeHere(vectors, dims) {
  if (vectors.length / dims > maxHere) throw new Error("the map needs module workers");
  const axes = principalAxes(vectors, dims);
  return { axes, points: project(vectors, axes) };
}
