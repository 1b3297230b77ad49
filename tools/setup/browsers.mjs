// SPDX-License-Identifier: Apache-2.0
// The browsers that the tests drive: installed on Debian 12, else taken as found.

import { canInstall, debianPackages, installPackages } from "./debian.mjs";
import { dependencies } from "./paths.mjs";
import { which } from "./process.mjs";
import { step } from "./report.mjs";

export async function setUpBrowsers() {
  await step("browsers", async () => {
    if (canInstall()) return installPackages(debianPackages(dependencies.browsers));
    const missing = dependencies.browsers.filter(({ commands }) => !commands.some(which));
    return missing.length > 0 ? `not here: ${missing.map(({ name }) => name).join(", ")}` : undefined;
  });
}
