// SPDX-License-Identifier: Apache-2.0
// The figures that the published page draws: web/bench/results.json.

import { join } from "node:path";
import { writeInPlace } from "../tools/setup/files.mjs";
import { root } from "../tools/setup/paths.mjs";

export const publishedFile = join(root, "web/bench/results.json");

/** @param {any} result */
export async function publish({ scenarios, profile, options, ...rest }) {
  const published = {
    ...rest,
    loads: options.loads,
    scenarios: Object.fromEntries(Object.entries(scenarios).map(([name, { machine, latency, throughput, ceiling }]) =>
      [name, { machine, latency, throughput, ceiling }])),
    profile: profile && Object.fromEntries(Object.entries(profile).map(([tokens, { kinds }]) => [tokens, kinds])),
  };
  await writeInPlace(publishedFile, `${JSON.stringify(published)}\n`);
  console.log(`the page's figures in ${publishedFile}`);
}
