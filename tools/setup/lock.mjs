// SPDX-License-Identifier: Apache-2.0
// One set-up at a time in one tree: `npm test` beside `npm run demo` waits for
// the other's builds. The lock names its process, so that one left behind by an
// interrupted run is seen to be dead and taken over.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isAlive } from "./process.mjs";

/** Calls `work` while no other process holds `path`. */
export async function withLock(path, work) {
  await mkdir(dirname(path), { recursive: true });
  for (let tries = 0; ; ++tries) {
    const taken = await writeFile(path, String(process.pid), { flag: "wx" }).then(() => true, () => false);
    if (taken) break;
    const holder = Number(await readFile(path, "utf8").catch(() => ""));
    // A name that is still missing after two seconds was never written.
    if (holder > 0 ? !isAlive(holder) : tries > 10) await rm(path, { force: true });
    else if (tries === 0 && holder > 0) console.log(`waiting for process ${holder}, which is setting up this tree`);
    await pause(200);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}
