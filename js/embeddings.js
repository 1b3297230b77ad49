// SPDX-License-Identifier: Apache-2.0
// Embeddings: the vectors of some texts, one block of numbers seen as an array
// of vectors, with what they cost and the space that they live in.

import { checkInteger, checkOneOf, checkOptions, describe } from "./checks.js";
import { SimileError } from "./errors.js";
import { isArrayOf, precisions, rowLength } from "./vector-block.js";

/** @typedef {import("./vector-block.js").Precision} Precision */
/** @typedef {import("./vector-block.js").VectorTypes} VectorTypes */

/**
 * @typedef {object} TextUsage
 * @property {number} tokens that were embedded, special tokens included
 * @property {number} fullTokens that the whole text has
 * @property {boolean} truncated the text was longer than the model reads, and cut
 */

/**
 * What Embeddings are made of: the properties of that name, as they were stored.
 * @template {Precision} P
 * @typedef {object} EmbeddingsParts
 * @property {VectorTypes[P]} data
 * @property {number} dims
 * @property {string} space
 * @property {P} [precision] default: "float32"
 * @property {Float32Array} [scales] of int8
 * @property {readonly TextUsage[]} [usage]
 */

/**
 * An array of vectors: `e[0]`, `e.length`, `for (const vector of e)`. A vector is
 * a `Float32Array`, of int8 an `Int8Array`, of binary a `Uint8Array`.
 * @template {Precision} [P="float32"]
 * @extends {Array<VectorTypes[P]>}
 */
export class Embeddings extends Array {
  /**
   * `map` and its kin give plain arrays.
   * @override
   */
  static get [Symbol.species]() {
    return Array;
  }

  /** @param {EmbeddingsParts<P>} parts */
  constructor(parts) {
    super();
    checkParts(parts);
    const { data, dims, space, scales, usage = [] } = parts;
    /** All vectors, one after the other. */
    this.data = data;
    /** How many dimensions a vector has. */
    this.dims = dims;
    /** What a dimension is kept as. */
    this.precision = /** @type {P} */ (parts.precision ?? "float32");
    /** Of int8: a value is its byte times its vector's scale. */
    this.scales = scales;
    /** Vectors compare only within one space, at equal dims and precision. */
    this.space = space;
    /** For each text; empty for vectors that were stored without it. */
    this.usage = usage;
    for (const name of Object.keys(this)) {
      Object.defineProperty(this, name, { enumerable: false, writable: false });
    }
    const length = rowLength(this);
    for (let i = 0; i < data.length; i += length) {
      this.push(/** @type {VectorTypes[P]} */ (data.subarray(i, i + length)));
    }
  }

  /** How many vectors. */
  get count() {
    return this.length;
  }
}

/**
 * @param {Uint32Array} counts [count, 2]: tokens, and those of the whole text
 * @returns {TextUsage[]}
 */
export function textUsage(counts) {
  return Array.from({ length: counts.length / 2 }, (_, i) => {
    const [tokens, fullTokens] = counts.subarray(2 * i, 2 * i + 2);
    return { tokens, fullTokens, truncated: fullTokens > tokens };
  });
}

/** @param {EmbeddingsParts<Precision>} parts */
function checkParts(parts) {
  checkOptions(parts, ["data", "dims", "space", "precision", "scales", "usage"]);
  const { data, dims, space, scales, usage } = parts;
  const precision = checkOneOf("precision", parts.precision ?? "float32", precisions);
  checkInteger("dims", dims, 1, 2 ** 32 - 1);
  if (typeof space !== "string") {
    throw new SimileError("invalid_argument", `space: expected a string, got ${describe(space)}`);
  }
  const count = data?.length / rowLength({ precision, dims });
  if (!isArrayOf(data, precision) || !Number.isInteger(count)) {
    throw new SimileError("invalid_argument",
      `data: expected whole ${precision} vectors of ${dims} dimensions, got ${describe(data)}`);
  }
  if (precision === "int8" && scales?.length !== count) {
    throw new SimileError("invalid_argument", `scales: expected ${count}, got ${describe(scales?.length)}`);
  }
  if (usage !== undefined && usage.length !== 0 && usage.length !== count) {
    throw new SimileError("invalid_argument", `usage: expected ${count}, got ${usage.length}`);
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
