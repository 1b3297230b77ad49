// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them.

/** @param {number} bytes */
export function formatBytes(bytes) {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** @param {number} ms */
export function formatTime(ms) {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** @param {number} score @param {number} [digits] */
export function formatScore(score, digits = 2) {
  const text = score.toFixed(digits).replace("-", "−");
  return Number(score.toFixed(digits)) === 0 ? text.replace("−", "") : text;
}

/** As toLocaleString("en") has it, which takes 10 ms the first time. @param {number} count */
export function formatNumber(count) {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** @param {number} count @param {string} one @param {string} [many] */
export function formatCount(count, one, many = `${one}s`) {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}
