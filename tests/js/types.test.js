// SPDX-License-Identifier: Apache-2.0
// The .d.ts files as they are shipped, in a project that has nothing of ours.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tsc = join(root, "node_modules/typescript/bin/tsc");

/** @param {string[]} args @param {string} cwd */
async function compile(args, cwd) {
  await promisify(execFile)(process.execPath, [tsc, ...args], { cwd }).catch((error) => {
    throw new Error(error.stdout); // tsc reports there
  });
}

test("a user's TypeScript compiles against the shipped types, and only what is right does", async () => {
  const project = await mkdtemp(join(tmpdir(), "simile-types-"));
  try {
    const packageFolder = join(project, "node_modules/simile");
    await mkdir(packageFolder, { recursive: true });
    await cp(join(root, "package.json"), join(packageFolder, "package.json"));
    await compile(["-p", "tsconfig.types.json", "--outDir", join(packageFolder, "js/types")], root);
    await cp(join(root, "tests/types/usage.ts"), join(project, "usage.ts"));
    await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({
      compilerOptions: {
        strict: true, noEmit: true, module: "nodenext", target: "es2022",
        lib: ["es2022", "dom", "dom.iterable"], types: [],
      },
      files: ["usage.ts"],
    }));
    await compile(["-p", "."], project);
    const types = await readFile(join(packageFolder, "js/types/index.d.ts"), "utf8");
    expect(types).toContain("export { load }");
  } finally {
    await rm(project, { recursive: true });
  }
});
