// SPDX-License-Identifier: Apache-2.0
// Every example of README.md and docs/ that is marked ```js runs, against the real
// model, as a module of its own. A comment after an expression is what it gives, as
// far as the comment goes. An example that needs a page is marked ```js page and is
// not run here.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const modelPath = "models/all-minilm-l6-v2.int8.simile";
/** @type {string} in the tree, so that "simile" is this package */
let folder;

// Parts of the small apps in tests/package, which run there.
const ofApps = ["bundlers.md", "csp.md", "hosting.md"];

const documents = ["README.md", ...(await readdir(join(root, "docs"))).sort()
  .filter((name) => name.endsWith(".md") && !ofApps.includes(name)).map((name) => `docs/${name}`)];
/** @type {{ name: string, code: string }[]} */
const examples = [];
for (const document of documents) {
  const lines = (await readFile(join(root, document), "utf8")).split("\n");
  for (let begin = lines.indexOf("```js"); begin !== -1; begin = lines.indexOf("```js", begin + 1)) {
    const end = lines.indexOf("```", begin);
    examples.push({ name: `${document}:${begin + 2}`, code: lines.slice(begin + 1, end).join("\n") });
  }
}

/**
 * What an example takes for granted: `model`, loaded.
 * @param {string} code
 */
function preamble(code) {
  if (!/\bmodel\b/.test(code) || /\b(const|let) model\b/.test(code)) return "";
  return `import { load as loadFirst } from "simile";\nconst model = await loadFirst("${modelPath}");\n`;
}

/**
 * Turns `expression; // value` into a check, and a page's path to the model into ours.
 * @param {string} code
 */
function withChecks(code) {
  return code
    .replaceAll(`"/${modelPath}"`, `"${modelPath}"`)
    .replace(/^((?:await |\(|[\w.]+[.[(]).*);\n\/\/ (.*(?:\n\/\/ .*)*)/gm,
      (_, expression, value) => check(expression, value.replace(/\n\/\/ */g, " ")))
    .replace(/^((?:await |\(|[\w.]+[.[(])[^;]*); *\/\/ (.*)$/gm, (_, expression, value) => check(expression, value));
}

/** @param {string} expression @param {string} value */
function check(expression, value) {
  return `checkValue(${expression}, ${JSON.stringify(value)});`;
}

const checker = 'import { checkValue } from "../../tests/js/check-value.js";\n';

beforeAll(async () => {
  await mkdir(join(root, "build"), { recursive: true });
  folder = await mkdtemp(join(root, "build/docs-examples-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const isModelThere = existsSync(join(root, "dist", modelPath));
(isModelThere ? describe : describe.skip)("the example of", () => {
  test.each(examples.map(({ name, code }) => [name, code]))("%s runs", async (name, code) => {
    const file = join(folder, `${name.replace(/\W/g, "-")}.mjs`);
    await writeFile(file, `${checker}${preamble(code)}${withChecks(code)}\nprocess.exit();\n`);
    await promisify(execFile)(process.execPath, [file], { cwd: join(root, "dist") });
  });

  test("is found in the README and in api.md", () => {
    for (const document of ["README.md", "docs/api.md"]) {
      expect(examples.some(({ name }) => name.startsWith(document))).toBe(true);
    }
  });
});
