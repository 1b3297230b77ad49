// SPDX-License-Identifier: Apache-2.0
// Pictures of the built page (dist/), for people to look at: each example, light
// and dark, on a desk and on a phone, into build/screenshots/.
// By hand, after `npm run demo -- --once`: `node tools/screenshot.mjs`.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { browsers } from "../tests/browser/support/browsers.js";
import { heatMap, offlineState, sentenceMap, typeKeys } from "../tests/browser/support/demo-page.js";
import { demoPage } from "../tests/browser/support/in-page.js";
import { examples } from "../web/parts/examples.js";
import { serve } from "./serve.mjs";
import { distDir, root } from "./setup/paths.mjs";

const folder = join(root, "build/screenshots");

/** @type {{ name: string, path: string, width?: number, colorScheme?: "light" | "dark" }[]} */
const pictures = [
  { name: "three", path: "?example=three" },
  { name: "help-desk", path: "?example=help-desk" },
  { name: "help-desk-dark", path: "?example=help-desk", colorScheme: "dark" },
  { name: "novels", path: "?example=novels" },
  { name: "novels-phone", path: "?example=novels", width: 360 },
  { name: "novels-phone-dark", path: "?example=novels", width: 360, colorScheme: "dark" },
  { name: "tricky", path: "?example=tricky" },
];

const server = await serve(process.env.SIMILE_DIST ?? distDir);
const browser = await browsers.chromium();
await mkdir(folder, { recursive: true });
for (const { name, path, width = 1180, colorScheme = "light" } of pictures) {
  const { playwright: page, close } = await browser.newPage();
  await page.setViewportSize({ width, height: width < 500 ? 740 : 900 });
  await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  await page.goto(server.url + path);
  await page.evaluate(demoPage);
  await page.evaluate(offlineState);
  await page.evaluate(typeKeys, { text: await page.inputValue("#query"), everyMs: 40 });
  const { length } = examples.find(({ id }) => path.endsWith(`=${id}`)).sentences;
  await page.evaluate(heatMap, Math.min(length, 12));
  if (length >= 4) await page.evaluate(sentenceMap, length);
  // What is out of sight is not drawn.
  await page.locator("#tokens-section").scrollIntoViewIfNeeded();
  await page.locator("#tokens li").first().waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.screenshot({ path: join(folder, `${name}-whole.png`), fullPage: true });
  await close();
}
await browser.close();
await server.close();
console.log(folder);
