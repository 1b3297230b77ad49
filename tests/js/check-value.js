// SPDX-License-Identifier: Apache-2.0
// For the examples of the documents: whether a value is what the comment beside it
// says. Spaces and quotes do not count, … stands for anything, and what comes after
// the comment's end may be anything, too.

import { inspect } from "node:util";

/** @param {string} text */
const plain = (text) => text.replaceAll("'", '"').replace(/\s+/g, "");

/** @param {unknown} actual @param {string} expected */
export function checkValue(actual, expected) {
  const parts = plain(expected).split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const found = plain(inspect(actual, { breakLength: Infinity, depth: 9 }));
  if (!new RegExp(`^${parts.join(".*?")}`).test(found)) throw new Error(`expected ${expected}, got ${found}`);
}
