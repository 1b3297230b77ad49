// SPDX-License-Identifier: Apache-2.0
// VectorBlock: many vectors of one format as plain typed arrays, the shape in
// which they cross the heap's border and `postMessage`. Knows sizes, no arithmetic.

import { SimileError } from "./errors.js";

/**
 * What each precision's vectors are made of; binary ones have eight dimensions a
 * byte, the first one in its most significant bit.
 * @typedef {{ float32: Float32Array, int8: Int8Array, binary: Uint8Array }} VectorTypes
 */

/** @typedef {keyof VectorTypes} Precision */

/**
 * @typedef {object} VectorFormat
 * @property {Precision} precision
 * @property {number} dims
 */

/**
 * @template {Precision} [P=Precision]
 * @typedef {object} VectorBlock
 * @property {P} precision
 * @property {number} dims
 * @property {VectorTypes[P]} data [count] rows of `rowLength`
 * @property {Float32Array} [scales] [count], of int8: a value is its byte times its
 *   vector's scale
 */

/** In the order of the numbers that src/pool/vector_format.h gives them. */
export const precisions = /** @type {const} */ (["float32", "int8", "binary"]);

const arrayTypes = { float32: Float32Array, int8: Int8Array, binary: Uint8Array };

/**
 * @param {VectorFormat} format
 * @returns {number} how many elements of the array a vector takes
 */
export function rowLength({ precision, dims }) {
  return precision === "binary" ? Math.ceil(dims / 8) : dims;
}

/** @param {VectorBlock} block */
export function countOf(block) {
  return block.data.length / rowLength(block);
}

/**
 * @template {Precision} P
 * @param {number} count
 * @param {{ precision: P, dims: number }} format
 * @returns {VectorBlock<P>}
 */
export function newVectorBlock(count, { precision, dims }) {
  const length = count * rowLength({ precision, dims });
  try {
    const data = /** @type {VectorTypes[P]} */ (new arrayTypes[precision](length));
    return { precision, dims, data, ...(precision === "int8" && { scales: new Float32Array(count) }) };
  } catch (cause) {
    throw new SimileError("out_of_memory",
      `no room for ${length} numbers; embed fewer texts at a time`, { cause });
  }
}

/**
 * Vectors [first, end) of a block, which they share.
 * @template {Precision} P
 * @param {VectorBlock<P>} block
 * @param {number} first
 * @param {number} end
 * @returns {VectorBlock<P>}
 */
export function vectorsOf(block, first, end) {
  const length = rowLength(block);
  return {
    precision: block.precision,
    dims: block.dims,
    data: /** @type {VectorTypes[P]} */ (block.data.subarray(first * length, end * length)),
    ...(block.scales && { scales: block.scales.subarray(first, end) }),
  };
}

/** The type of an array, whichever realm made it. @param {unknown} value */
export function arrayTypeOf(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/**
 * @param {unknown} data
 * @param {Precision} precision
 */
export function isArrayOf(data, precision) {
  return arrayTypeOf(data) === arrayTypes[precision].name;
}
