// SPDX-License-Identifier: Apache-2.0
// `npm run models -- NAME…`, or `all`: real weights for tests and measurements
// into the cache folder. tools/dependencies.json lists them.

import { join } from "node:path";
import { checkpointNames, setUpCheckpoints } from "./setup/checkpoints.mjs";
import { runAsProgram } from "./setup/index.mjs";
import { withLock } from "./setup/lock.mjs";
import { setUpModels } from "./setup/models.mjs";
import { buildDir } from "./setup/paths.mjs";
import { SetupError } from "./setup/process.mjs";

await runAsProgram(async () => {
  const names = process.argv.slice(2);
  if (names.length === 0) throw new SetupError(`usage: npm run models -- all, or some of: ${checkpointNames.join(" ")}`);
  await withLock(join(buildDir, "setup.lock"), async () => {
    await setUpModels();
    await setUpCheckpoints(names[0] === "all" ? checkpointNames : names);
  });
});
