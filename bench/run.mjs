// SPDX-License-Identifier: Apache-2.0
// `npm run bench [-- --loads N] [--runs N] [--variant NAME] [--threads N]`: sets
// up the page and the peer, measures, prints a table and writes it as JSON.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { runAsProgram, setUp } from "../tools/setup/index.mjs";
import { buildDir, distDir } from "../tools/setup/paths.mjs";
import { buildSite } from "../tools/site.mjs";
import { measure, table } from "./measure.mjs";
import { setUpPeer } from "./peer-setup.mjs";

const resultFile = join(buildDir, "bench", "result.json");

function parseSettings() {
  const { values } = parseArgs({
    options: {
      loads: { type: "string", default: "6" },
      runs: { type: "string", default: "20" },
      variant: { type: "string", default: "relaxed-simd" },
      threads: { type: "string", default: "1" },
    },
  });
  const { variant, ...counts } = values;
  return { variant, ...Object.fromEntries(Object.entries(counts).map(([name, text]) => [name, Number(text)])) };
}

await runAsProgram(async () => {
  const settings = parseSettings();
  let peer;
  await setUp(["browsers", "packages", "sources", "models", "modules"], async () => {
    await buildSite();
    peer = await setUpPeer();
  });
  const result = await measure({ dist: distDir, ...peer }, settings, (done) =>
    process.stderr.write(`page load ${done} of ${settings.loads}\n`));
  console.log(`\n${table(result)}`);
  await mkdir(dirname(resultFile), { recursive: true });
  await writeFile(resultFile, `${JSON.stringify(result, null, 1)}\n`);
  console.log(`all of it in ${resultFile}`);
});
