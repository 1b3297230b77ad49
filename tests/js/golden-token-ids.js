// SPDX-License-Identifier: Apache-2.0
// Reads tests/golden/token_ids.jsonl (its README.md has the format).

import { readFile } from "node:fs/promises";

/** @returns {Promise<{ strings: number, entries: [string, number[], [number, number][]?][] }>} */
export async function readTokenIds() {
  const text = await readFile(new URL("../golden/token_ids.jsonl", import.meta.url), "utf8");
  /** @type {any[]} */
  const [head, ...entries] = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  return {
    strings: head.strings,
    entries: entries.map(([recipe, ids, byteOffsets]) => {
      const string = typeof recipe === "string" ? recipe
        : recipe.map(([part, times]) => part.repeat(times)).join("");
      return [string, ids, byteOffsets && unitOffsets(string, byteOffsets)];
    }),
  };
}

/** @param {string} text @param {number[]} byteOffsets begin and end by turns */
function unitOffsets(text, byteOffsets) {
  const bytes = Buffer.from(text);
  const units = byteOffsets.map((offset) => bytes.toString("utf8", 0, offset).length);
  return Array.from({ length: units.length / 2 }, (_, i) => [units[2 * i], units[2 * i + 1]]);
}
