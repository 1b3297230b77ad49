// SPDX-License-Identifier: Apache-2.0
// `npm run bench`: sets up the page and the peers, measures, prints a table and
// writes all of it as JSON. docs/bench.md says what is measured and how.

import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { buildPassCost } from "../tools/setup/build.mjs";
import { runAsProgram, setUp } from "../tools/setup/index.mjs";
import { buildDir } from "../tools/setup/paths.mjs";
import { buildSite } from "../tools/site.mjs";
import { measureBulk } from "./bulk.mjs";
import { measure } from "./measure.mjs";
import { measureShapes, setUpShapes } from "./models.mjs";
import { measureNative } from "./native.mjs";
import { buildNative } from "./native-setup.mjs";
import { parseOptions } from "./options.mjs";
import { copyPeersIntoPage, setUpPeers } from "./peer-setup.mjs";
import { measureProfile } from "./profile.mjs";
import { publish } from "./publish.mjs";
import { measureStart } from "./start.mjs";
import { table } from "./table.mjs";

const resultFile = join(buildDir, "bench", "result.json");
const tell = (line) => process.stderr.write(`${line}\n`);

await runAsProgram(async () => {
  const options = parseOptions();
  let peers, passCost, shapes;
  await setUp(["browsers", "packages", "sources", "models", "modules"], async (toolchain) => {
    await buildSite();
    peers = await setUpPeers();
    await buildNative(toolchain);
    passCost = await buildPassCost(toolchain);
    if (options.parts.includes("models")) shapes = await setUpShapes();
  });
  if (options.site) return copyPeersIntoPage(peers);
  const has = (part) => options.parts.includes(part);
  const result = {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0].model.trim(),
    processors: cpus().length,
    browser: options.browser,
    versions: peers.manifest.versions,
    options,
    scenarios: has("latency") || has("throughput") || has("ceiling") ? await measure(peers, options, tell) : {},
    start: has("start") ? await measureStart(peers, options, tell) : undefined,
    bulk: has("bulk") ? await measureBulk(peers, options, tell) : undefined,
    native: has("native") ? await measureNative(passCost, peers, options, tell) : undefined,
    models: has("models") ? await measureShapes(shapes, peers, options, tell) : undefined,
    profile: has("profile") && options.browser === "chromium" ? await measureProfile(peers, options, tell) : undefined,
  };
  console.log(`\n${table(result)}`);
  await mkdir(dirname(resultFile), { recursive: true });
  await writeFile(resultFile, `${JSON.stringify(result, null, 1)}\n`);
  console.log(`all of it in ${resultFile}`);
  if (options.publish) await publish(result);
});
