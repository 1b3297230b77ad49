// SPDX-License-Identifier: Apache-2.0
// From the figures of single page loads to those that are told.

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * @typedef {object} Figure
 * @property {number} median of the page loads' medians
 * @property {number} best of all
 * @property {number[]} loads each page load's median
 */

/** @param {number} value as many digits as mean something */
export const rounded = (value) => Number(value.toPrecision(4));

/**
 * @param {readonly (readonly number[])[]} loads what each page load measured
 * @param {(...values: number[]) => number} [best]
 * @returns {Figure}
 */
export function figure(loads, best = Math.min) {
  const medians = loads.map(median);
  return {
    median: rounded(median(medians)),
    best: rounded(best(...loads.map((load) => best(...load)))),
    loads: medians.map(rounded),
  };
}

/**
 * @param {readonly Record<string, T>[]} loads
 * @param {(of: T[]) => R} summarize
 * @returns {Record<string, R>} key by key, of the loads that have it
 * @template T, R
 */
export function byKey(loads, summarize) {
  const keys = new Set(loads.flatMap((load) => Object.keys(load)));
  return Object.fromEntries([...keys].map((key) =>
    [key, summarize(loads.filter((load) => key in load).map((load) => load[key]))]));
}
