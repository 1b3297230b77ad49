// SPDX-License-Identifier: Apache-2.0
// The packed package in a page of a browser extension (Manifest V3), under the
// strictest policy that such a page may have.

import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { afterAll, describe, expect, test } from "@jest/globals";
import { chromium } from "playwright-core";
import { findProgram } from "../browser/support/programs.js";
import { addModel, emptyFolder, installApp, removeApps } from "./support/apps.js";
import { openRanking } from "./support/ranking-page.js";

const timeoutMs = 120_000;

afterAll(removeApps, timeoutMs);

/** An unpacked extension's id: its path's hash, in letters from a to p. */
async function extensionUrl(/** @type {string} */ folder) {
  const hash = createHash("sha256").update(await realpath(folder)).digest("hex").slice(0, 32);
  const id = [...hash].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 16))).join("");
  return `chrome-extension://${id}/index.html`;
}

describe("an extension's page in Chromium", () => {
  test("ranks in a worker and in its own thread", async () => {
    const app = await installApp("extension", { withTools: false });
    await addModel(app, { copy: true });
    const context = await chromium.launchPersistentContext(await emptyFolder(), {
      executablePath: findProgram("chromium", "chromium-browser", "google-chrome"),
      ignoreDefaultArgs: ["--disable-extensions"],
      args: ["--no-sandbox", "--disable-gpu", `--disable-extensions-except=${app}`, `--load-extension=${app}`],
    });
    try {
      const url = await extensionUrl(app);
      const { workers } = await openRanking(await context.newPage(), url);
      expect(workers).toBeGreaterThan(0);
      const direct = await openRanking(await context.newPage(), `${url}?direct`);
      expect(direct.workers).toBe(0);
    } finally {
      await context.close();
    }
  }, timeoutMs);
});
