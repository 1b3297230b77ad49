// SPDX-License-Identifier: Apache-2.0
// Embeddings: the vectors of some texts, one block of numbers seen as an array
// of vectors, with what they cost and the space that they live in.

/**
 * @typedef {object} TextUsage
 * @property {number} tokens that were embedded, special tokens included
 * @property {number} fullTokens that the whole text has
 * @property {boolean} truncated the text was longer than the model reads
 */

/**
 * An array of `Float32Array`s: `e[0]`, `e.length`, `for (const vector of e)`.
 * @extends {Array<Float32Array>}
 */
export class Embeddings extends Array {
  /**
   * `map` and its kin give plain arrays.
   * @override
   */
  static get [Symbol.species]() {
    return Array;
  }

  /**
   * @param {Float32Array} data [count, dims] row-major
   * @param {number} dims
   * @param {string} space
   * @param {Uint32Array} usage [count, 2]: tokens, and those of the whole text
   */
  constructor(data, dims, space, usage) {
    super();
    /** All vectors, one after the other. */
    this.data = data;
    /** The length of a vector. */
    this.dims = dims;
    /** Vectors compare only within one space. */
    this.space = space;
    /** @type {TextUsage[]} for each text */
    this.usage = [];
    for (let i = 0; i < data.length / dims; ++i) {
      this.push(data.subarray(i * dims, (i + 1) * dims));
      const [tokens, fullTokens] = usage.subarray(2 * i, 2 * i + 2);
      this.usage.push({ tokens, fullTokens, truncated: fullTokens > tokens });
    }
    for (const name of ["data", "dims", "space", "usage"]) {
      Object.defineProperty(this, name, { enumerable: false, writable: false });
    }
  }

  /** How many vectors. */
  get count() {
    return this.length;
  }
}

/** A table of scores, `rows` by `columns`. */
export class SimilarityMatrix {
  /**
   * @param {Float32Array} data row-major
   * @param {number} rows
   * @param {number} columns
   */
  constructor(data, rows, columns) {
    this.data = data;
    this.rows = rows;
    this.columns = columns;
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  at(row, column) {
    return this.data[row * this.columns + column];
  }
}
