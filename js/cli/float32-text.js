// SPDX-License-Identifier: Apache-2.0
// A float32 in as few digits as read back to the same float32.

/**
 * @param {number} value finite
 * @returns {string}
 */
export function float32Text(value) {
  // Nine digits are always enough (IEEE 754, 24 bits), six seldom.
  for (let digits = 6; digits < 9; ++digits) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(Number(value.toPrecision(9)));
}

/** @param {Float32Array} vector */
export function vectorJson(vector) {
  return `[${Array.from(vector, float32Text).join(",")}]`;
}
