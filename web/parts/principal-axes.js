// SPDX-License-Identifier: Apache-2.0
// Principal component analysis down to two axes, for the map. Orthogonal
// iteration on the covariance matrix (Golub and Van Loan, Matrix Computations,
// 8.2.4): plain arithmetic in a fixed order, a fixed start and fixed signs, so
// the same vectors give the same map in every browser.

const maxRounds = 200;
const tolerance = 1e-7;

/**
 * @typedef {object} Axes
 * @property {Float64Array} mean [dims]
 * @property {[Float64Array, Float64Array]} axes each [dims], of length 1; zeros
 *   where the vectors do not vary
 */

/**
 * @param {Float32Array} vectors [count, dims] row-major, count at least 1
 * @param {number} dims
 * @returns {Axes}
 */
export function principalAxes(vectors, dims) {
  const mean = meanOf(vectors, dims);
  const covariance = covarianceOf(vectors, dims, mean);
  /** @type {[Float64Array, Float64Array]} */
  let axes = [startAxis(dims, 1), startAxis(dims, 2)];
  orthonormalise(axes);
  for (let round = 0; round < maxRounds; ++round) {
    /** @type {[Float64Array, Float64Array]} */
    const next = [multiply(covariance, axes[0]), multiply(covariance, axes[1])];
    orthonormalise(next);
    const change = Math.max(1 - Math.abs(dot(next[0], axes[0])), 1 - Math.abs(dot(next[1], axes[1])));
    axes = next;
    if (change < tolerance) break;
  }
  axes.forEach(fixSign);
  return { mean, axes };
}

/**
 * @param {Float32Array} vectors [count, dims]
 * @param {Axes} axes
 * @returns {Float64Array} [count, 2]
 */
export function project(vectors, { mean, axes }) {
  const dims = mean.length;
  const points = new Float64Array((vectors.length / dims) * 2);
  for (let i = 0; i < points.length; ++i) {
    const begin = (i >> 1) * dims;
    const axis = axes[i & 1];
    for (let k = 0; k < dims; ++k) points[i] += (vectors[begin + k] - mean[k]) * axis[k];
  }
  return points;
}

/** @param {Float32Array} vectors @param {number} dims */
function meanOf(vectors, dims) {
  const mean = new Float64Array(dims);
  for (let i = 0; i < vectors.length; ++i) mean[i % dims] += vectors[i];
  return mean.map((sum) => sum / (vectors.length / dims));
}

/**
 * Scaled by the count, which changes no axis.
 * @param {Float32Array} vectors
 * @param {number} dims
 * @param {Float64Array} mean
 * @returns {Float64Array} [dims, dims]
 */
function covarianceOf(vectors, dims, mean) {
  const covariance = new Float64Array(dims * dims);
  const centred = new Float64Array(dims);
  for (let begin = 0; begin < vectors.length; begin += dims) {
    for (let k = 0; k < dims; ++k) centred[k] = vectors[begin + k] - mean[k];
    for (let row = 0; row < dims; ++row) {
      const factor = centred[row];
      for (let column = row; column < dims; ++column) {
        covariance[row * dims + column] += factor * centred[column];
      }
    }
  }
  for (let row = 0; row < dims; ++row) {
    for (let column = 0; column < row; ++column) {
      covariance[row * dims + column] = covariance[column * dims + row];
    }
  }
  return covariance;
}

/**
 * Something with a share in every direction.
 * @param {number} dims
 * @param {number} step
 */
function startAxis(dims, step) {
  return Float64Array.from({ length: dims }, (_, k) => 1 + ((k * step * 7) % 11));
}

/** @param {Float64Array} matrix @param {Float64Array} vector */
function multiply(matrix, vector) {
  const dims = vector.length;
  return vector.map((_, row) => {
    let sum = 0;
    for (let k = 0; k < dims; ++k) sum += matrix[row * dims + k] * vector[k];
    return sum;
  });
}

/** Gram-Schmidt, in place. @param {[Float64Array, Float64Array]} axes */
function orthonormalise([first, second]) {
  normalise(first);
  const share = dot(first, second);
  second.forEach((_, k) => void (second[k] -= share * first[k]));
  normalise(second);
}

/** @param {Float64Array} vector what is as good as zero becomes zero */
function normalise(vector) {
  const length = Math.sqrt(dot(vector, vector));
  const scale = length > 1e-9 ? 1 / length : 0;
  vector.forEach((_, k) => void (vector[k] *= scale));
}

/** An axis points where its largest number is positive. @param {Float64Array} axis */
function fixSign(axis) {
  let largest = 0;
  for (const value of axis) if (Math.abs(value) > Math.abs(largest)) largest = value;
  if (largest < 0) axis.forEach((value, k) => void (axis[k] = -value));
}

/** @param {Float64Array} a @param {Float64Array} b */
function dot(a, b) {
  let sum = 0;
  for (let k = 0; k < a.length; ++k) sum += a[k] * b[k];
  return sum;
}
