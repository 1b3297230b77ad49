// SPDX-License-Identifier: Apache-2.0
// The packed package under Vite's development server, which bundles dependencies in
// another way than its build does.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { packageToolsDir } from "../../tools/package-tests.mjs";
import { browsers } from "../browser/support/browsers.js";
import { startProcess } from "../browser/support/processes.js";
import { addModel, installApp, removeApps } from "./support/apps.js";
import { openRanking } from "./support/ranking-page.js";

const timeoutMs = 240_000;

/** @type {import("../browser/support/browsers.js").Browser} */
let browser;
beforeAll(async () => {
  browser = await browsers.chromium();
}, timeoutMs);
afterAll(async () => {
  await browser?.close();
  await removeApps();
}, timeoutMs);

/**
 * @param {string} tool
 * @param {string} app its folder
 */
async function startVite(tool, app) {
  const program = join(packageToolsDir, "node_modules", tool, "bin/vite.js");
  const server = startProcess(process.execPath, [program, "--host", "127.0.0.1", "--port", "0"],
    { cwd: app, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" } });
  let output = "";
  const url = await server.until(new Promise((resolve) => {
    for (const stream of [server.child.stdout, server.child.stderr]) {
      stream?.on("data", (data) => {
        output += data;
        const match = /http:\/\/127\.0\.0\.1:\d+\//.exec(output);
        if (match) resolve(match[0]);
      });
    }
  }));
  return { url, end: server.end };
}

describe.each(["vite", "vite7"])("%s's development server", (tool) => {
  test("serves a page that ranks, in a worker and in its own thread", async () => {
    const app = await installApp(tool);
    await addModel(join(app, "public"));
    const server = await startVite(tool, app);
    const page = await browser.newPage();
    try {
      const playwright = /** @type {any} */ (page.playwright);
      const { workers } = await openRanking(playwright, server.url);
      expect(workers).toBeGreaterThan(0);
      expect(await openRanking(playwright, `${server.url}?direct`)).toMatchObject({ workers: 0 });
    } finally {
      await page.close();
      await server.end();
    }
  }, timeoutMs);
});
