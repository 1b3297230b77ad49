// SPDX-License-Identifier: Apache-2.0
// 256 of the golden texts, of lengths as a search index sees them: many short ones
// and a long tail (median 14 tokens, mean 42, longest 256; a test holds it to that).

const count = 256;
const longest = 43;
const paragraphs = 8;
const sentencesEach = 7;
// The next longest are left out, so that the middle lies where it should.
const leftOut = 200;

/**
 * @param {readonly string[]} golden
 * @returns {string[]} in an order that has nothing to do with length
 */
export function mixedTexts(golden) {
  const byLength = golden.map((_, i) => i).sort((a, b) => golden[b].length - golden[a].length || a - b);
  const long = byLength.slice(0, longest);
  const middle = byLength.slice(longest, longest + paragraphs * sentencesEach);
  const joined = Array.from({ length: paragraphs }, (_, p) =>
    middle.filter((__, i) => i % paragraphs === p).map((i) => golden[i]).join(" "));
  const rest = byLength.slice(longest + middle.length + leftOut).sort((a, b) => a - b);
  const wanted = count - longest - paragraphs;
  const short = Array.from({ length: wanted }, (_, i) => rest[Math.floor(i * rest.length / wanted)]);
  const texts = [...[...long, ...short].map((i) => golden[i]), ...joined];
  // 101 and 256 have no common divisor: every text once.
  return texts.map((_, i) => texts[i * 101 % count]);
}
