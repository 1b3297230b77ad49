// SPDX-License-Identifier: Apache-2.0
// Values of weights: transposing, widening and narrowing. All little-endian, as
// every machine that runs this is.

/** The bytes of a typed array, without a copy. */
export const bytesOf = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

/** Float32Array of bytes that may stand at any offset. */
export function floatsOf(bytes) {
  const floats = new Float32Array(bytes.length / 4);
  bytesOf(floats).set(bytes);
  return floats;
}

/** [rows, columns] to [columns, rows]. */
export function transposed(values, rows, columns) {
  const result = new values.constructor(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column];
  }
  return result;
}

/** The value of 16 bits of IEEE binary16. */
export function halfToFloat(bits) {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The bits of the nearest binary16 of each value, halves to even. Sizes must be below 65520. */
export function halvesOf(values) {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const size = bits[i] & 0x7fffffff;
    if (size >= 0x477ff000) throw new Error(`${values[i]} is no half-precision number`);
    // Below 2^-14 a half counts in steps of 2^-24; above, it is the float's bits without
    // the last 13, its exponent 112 less, and a carry of the rounding goes where it should.
    const half = size < 0x38800000
      ? roundedToEven(Math.abs(values[i]) * 2 ** 24)
      : (size - (112 << 23) + 0xfff + ((size >> 13) & 1)) >> 13;
    halves[i] = (bits[i] >>> 16 & 0x8000) | half;
  }
  return halves;
}

function roundedToEven(value) {
  const lower = Math.floor(value);
  const rest = value - lower;
  return rest > 0.5 || (rest === 0.5 && lower % 2 === 1) ? lower + 1 : lower;
}
