// SPDX-License-Identifier: Apache-2.0
// What an app's page shows once it has ranked the three sentences.

import { expect } from "@jest/globals";
import { expectReferenceScores } from "../../browser/support/reference.js";

const waitMs = 60_000;

/**
 * Opens a page of one of the apps, and checks its ranking.
 * @param {import("playwright-core").Page} page
 * @param {string} url
 * @returns {Promise<{ variant: string, workers: number }>}
 */
export async function openRanking(page, url) {
  /** @type {string[]} */
  const errors = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  /** @type {Promise<never>} without it the time limit would tell nothing of what is wrong */
  const failed = new Promise((_, reject) => page.on("pageerror", reject));
  failed.catch(() => {});
  await page.goto(url);
  const ranked = page.waitForFunction(() => document.body.dataset.variant, null, { timeout: waitMs });
  const variant = await Promise.race([ranked, failed]).then((handle) => handle.jsonValue(), (error) => {
    throw new Error(`${url} shows no ranking: ${[error, ...errors].join("\n")}`);
  });
  const rows = await page.locator("li").allTextContents();
  expectRanking(rows);
  expect(errors).toEqual([]);
  return { variant: String(variant), workers: page.workers().length };
}

/** @param {string[]} rows "score text" each */
export function expectRanking(rows) {
  expect(rows.map((row) => row.replace(/^\S+ /, ""))).toEqual(["Artificial intelligence is amazing", "Bananas are yellow"]);
  expectReferenceScores(rows.map((row) => Number.parseFloat(row)), "int8");
}
