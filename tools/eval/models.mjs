// SPDX-License-Identifier: Apache-2.0
// `npm run eval:models [-- NAME…] [--conversion f32]…`: the table of real checkpoints
// against the reference implementation, in Markdown. `npm run models -- all` gets
// the checkpoints.

import { parseArgs } from "node:util";

import { goldenModelNames } from "../../tests/golden/read-vectors.mjs";
import { hasCheckpoint } from "../setup/checkpoints.mjs";
import { conversions, measure } from "./model-quality.mjs";

const columns = ["model", "weights", "texts", "lowest cosine", "mean cosine", "ids", "MB", "s"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { conversion: { type: "string", multiple: true } },
});
const chosen = values.conversion ?? Object.keys(conversions);
const unknown = chosen.find((conversion) => !conversions[conversion]);
if (unknown) throw new Error(`--conversion: "${unknown}" is none of ${Object.keys(conversions).join("; ")}`);

console.log(`| ${columns.join(" | ")} |\n|${columns.map(() => "---").join("|")}|`);
for (const name of positionals.length > 0 ? positionals : await goldenModelNames()) {
  if (!hasCheckpoint(name)) {
    console.log(`| ${name} | not there: npm run models -- ${name} | | | | | | |`);
    continue;
  }
  for (const conversion of chosen) {
    const began = performance.now();
    const cells = await measure(name, conversion).then(
      ({ texts, min, mean, sameIds, bytes }) =>
        [texts, min.toFixed(6), mean.toFixed(6), sameIds ? "equal" : "differ", (bytes / 1e6).toFixed(1)],
      (error) => [error.message.split("\n").at(-1).trim(), "", "", "", ""]);
    console.log(`| ${[name, conversion, ...cells, ((performance.now() - began) / 1000).toFixed(0)].join(" | ")} |`);
  }
}
