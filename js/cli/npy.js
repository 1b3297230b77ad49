// SPDX-License-Identifier: Apache-2.0
// NumPy's file format, version 1.0, for one float32 matrix in C order
// (numpy.org/doc/stable/reference/generated/numpy.lib.format.html).

const alignment = 64;

/**
 * @param {number} rows
 * @param {number} columns
 * @returns {Uint8Array} what stands before the numbers
 */
export function npyHeader(rows, columns) {
  const magic = "\x93NUMPY\x01\x00";
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const unpadded = magic.length + 2 + text.length + 1;
  const total = Math.ceil(unpadded / alignment) * alignment;
  const header = Buffer.alloc(total, " ", "latin1");
  header.write(magic, 0, "latin1");
  header.writeUInt16LE(total - magic.length - 2, magic.length);
  header.write(text, magic.length + 2, "latin1");
  header.write("\n", total - 1, "latin1");
  return header;
}

/**
 * @param {Float32Array} vector
 * @returns {Uint8Array} little-endian, as every machine that runs WebAssembly is
 */
export function npyRow(vector) {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}
