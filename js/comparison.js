// SPDX-License-Identifier: Apache-2.0
// Which things compare, and in which format: vectors of one space, with equal
// dims and precision. Texts take the format of the vectors that they are compared
// with.

import { Embeddings } from "./embeddings.js";
import { SimileError } from "./errors.js";
import { isArrayOf } from "./vector-block.js";

/** @typedef {import("./vector-block.js").VectorFormat} VectorFormat */
/** @typedef {import("./vector-block.js").VectorBlock} VectorBlock */
/** @typedef {Embeddings<import("./vector-block.js").Precision>} AnyEmbeddings */
/** @typedef {string | readonly string[] | Float32Array | Embeddings<any>} TextsOrVectors */

/**
 * The format in which two things are compared.
 * @param {import("./recipe.js").ModelRecipe} recipe
 * @param {readonly [name: string, value: TextsOrVectors][]} named
 * @returns {VectorFormat}
 */
export function commonFormat({ dims, vectorSpace }, named) {
  /** @type {[name: string, value: AnyEmbeddings][]} */
  const known = [];
  for (const [name, value] of named) {
    if (!(value instanceof Embeddings)) continue;
    if (value.space !== vectorSpace) {
      throw new SimileError("invalid_argument",
        `${name}: vectors of space ${value.space} do not compare with this model's ${vectorSpace}`);
    }
    known.push([name, value]);
  }
  if (known.length === 0) return { precision: "float32", dims };
  const [[first, a], [second, b] = known[0]] = known;
  if (a.dims !== b.dims || a.precision !== b.precision) {
    throw new SimileError("invalid_argument",
      `${second}: vectors of ${formatName(b)} do not compare with those of ${first}, of ${formatName(a)}`);
  }
  return { precision: a.precision, dims: a.dims };
}

/**
 * Vectors as a block of the given format; nothing for texts.
 * @param {string} name of the argument
 * @param {TextsOrVectors} value
 * @param {VectorFormat} format
 * @returns {VectorBlock | undefined}
 */
export function blockOf(name, value, format) {
  if (value instanceof Embeddings) {
    const { precision, dims, data, scales } = value;
    return { precision, dims, data, ...(scales && { scales }) };
  }
  if (!isArrayOf(value, "float32")) return undefined;
  const data = /** @type {Float32Array} */ (value);
  if (format.precision !== "float32") {
    throw new SimileError("invalid_argument",
      `${name}: float32 numbers do not compare with vectors of ${formatName(format)}`);
  }
  if (data.length !== format.dims) {
    throw new SimileError("invalid_argument",
      `${name}: expected ${format.dims} numbers, got ${data.length}`);
  }
  return { precision: "float32", dims: format.dims, data };
}

/** @param {VectorFormat} format */
function formatName({ precision, dims }) {
  return `${dims} dimensions in ${precision}`;
}
