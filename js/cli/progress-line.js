// SPDX-License-Identifier: Apache-2.0
// A progress bar on standard error, if a person is watching.

const width = 30;

/**
 * @param {string} title
 * @returns {{ update: (progress: { fraction: number }) => void, clear: () => void }}
 */
export function progressLine(title) {
  const { stderr } = process;
  if (!stderr.isTTY) return { update() {}, clear() {} };
  let shown = -1;
  return {
    update({ fraction }) {
      const percent = Math.floor(fraction * 100);
      if (percent === shown) return;
      shown = percent;
      const bar = "█".repeat(Math.round(fraction * width)).padEnd(width, "░");
      stderr.write(`\r${title} ${bar} ${String(percent).padStart(3)} %`);
    },
    clear() {
      if (shown >= 0) stderr.write("\r\x1b[2K");
    },
  };
}
