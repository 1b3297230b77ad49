// SPDX-License-Identifier: Apache-2.0
// What counts instructions: installed on Debian 12, else taken as found; without it the
// counting says that it was skipped.

import { canInstall, debianPackages, installPackages } from "./debian.mjs";
import { dependencies } from "./paths.mjs";
import { which } from "./process.mjs";
import { step } from "./report.mjs";

export async function setUpValgrind() {
  await step("valgrind", async () => {
    if (canInstall()) return installPackages(debianPackages(dependencies.counting));
    return which("valgrind") ? undefined : "not here";
  });
}
