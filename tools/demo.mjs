// SPDX-License-Identifier: Apache-2.0
// `npm run demo [-- --once] [--port N]`: from a fresh clone to the page. Builds
// what has changed, ranks the three sentences here in Node, and serves dist/.

import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { serve } from "./serve.mjs";
import { distDir } from "./setup/paths.mjs";
import { runAsProgram, setUp } from "./setup/index.mjs";
import { SetupError } from "./setup/process.mjs";
import { buildSite, convertedModel } from "./site.mjs";

const query = "I love machine learning";
const sentences = ["Artificial intelligence is amazing", "Bananas are yellow"];
const defaultPort = 8080;

function parseOptions() {
  try {
    const { values } = parseArgs({ options: { once: { type: "boolean" }, port: { type: "string" } } });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65536)) {
      throw new Error(`--port: expected 0 to 65535, got "${values.port}"`);
    }
    return { once: values.once ?? false, port };
  } catch (error) {
    throw new SetupError(`${error.message}\nusage: npm run demo [-- [--once] [--port N]]`);
  }
}

/** The ranking, computed by the package as it stands in dist/. */
async function printRanking() {
  const { load } = await import(pathToFileURL(join(distDir, "simile/index.js")));
  const model = await load(pathToFileURL(convertedModel("all-minilm-l6-v2", "int8")));
  console.log(`\n${query}`);
  for (const { score, text } of await model.rank(query, sentences)) {
    console.log(`  ${score.toFixed(3)}  ${text}`);
  }
  await model.dispose();
}

/** The asked port, or the usual one, or any if another program has that. */
async function servePage(port) {
  try {
    return await serve(distDir, { port: port ?? defaultPort });
  } catch (error) {
    if (error.code !== "EADDRINUSE") throw error;
    if (port !== undefined) throw new SetupError(`port ${port} is taken: choose another with --port`);
    return serve(distDir);
  }
}

await runAsProgram(async () => {
  const { once, port } = parseOptions();
  await setUp(["packages", "sources", "models", "modules"], buildSite);
  await printRanking();
  const server = await servePage(port);
  console.log(`\n${server.url}`);
  if (once) await server.close();
  else console.log("Ctrl-C ends it.");
});
