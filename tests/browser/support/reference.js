// SPDX-License-Identifier: Apache-2.0
// The reference's cosines of the three sentences, and how far from them we may be.

import { expect } from "@jest/globals";

const reference = [0.661568, 0.089044];
const tolerance = { int8: 0.005, f32: 0.0001 };

/**
 * @param {readonly number[]} scores best first
 * @param {"int8" | "f32"} precision
 */
export function expectReferenceScores(scores, precision) {
  expect(scores).toHaveLength(reference.length);
  reference.forEach((expected, i) => {
    expect(Math.abs(scores[i] - expected)).toBeLessThanOrEqual(tolerance[precision]);
  });
}
