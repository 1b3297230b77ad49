// SPDX-License-Identifier: Apache-2.0
// The line that each step prints: what it does, and how long it took.

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Does `work` and prints one line for it. `work` may return a short note, such
 * as "unchanged", which stands in the line.
 */
export async function step(title, work) {
  const start = performance.now();
  process.stdout.write(`${title} … `);
  try {
    const note = await work();
    process.stdout.write(typeof note === "string" ? `${note}, ${seconds(start)}\n` : `${seconds(start)}\n`);
  } catch (error) {
    process.stdout.write(`failed after ${seconds(start)}\n`);
    throw error;
  }
}
