// SPDX-License-Identifier: Apache-2.0
// Spearman's rank correlation: Pearson's of the ranks, where equal values share
// the average of the ranks that they take up (as in scipy.stats.spearmanr).

/** @param {ArrayLike<number>} values @returns {Float64Array} ranks from 1 */
export function averageRanks(values) {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(order.length);
  for (let begin = 0, end; begin < order.length; begin = end) {
    end = begin + 1;
    while (end < order.length && values[order[end]] === values[order[begin]]) end++;
    for (let i = begin; i < end; i++) ranks[order[i]] = (begin + 1 + end) / 2;
  }
  return ranks;
}

/** @param {Float64Array} a @param {Float64Array} b */
function pearson(a, b) {
  const mean = (/** @type {Float64Array} */ x) => x.reduce((sum, v) => sum + v, 0) / x.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [covariance, varianceA, varianceB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    covariance += (a[i] - meanA) * (b[i] - meanB);
    varianceA += (a[i] - meanA) ** 2;
    varianceB += (b[i] - meanB) ** 2;
  }
  return covariance / Math.sqrt(varianceA * varianceB);
}

/**
 * −1…1; NaN if all values of a side are equal.
 * @param {ArrayLike<number>} a @param {ArrayLike<number>} b of the same length
 */
export function spearman(a, b) {
  return pearson(averageRanks(a), averageRanks(b));
}
