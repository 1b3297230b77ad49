// SPDX-License-Identifier: Apache-2.0
// Small apps of tests/package/fixtures: each is copied outside the tree, the packed
// file is installed in it as a user would, and its own build is run.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { packageToolsDir, packedFile } from "../../../tools/package-tests.mjs";
import { dist, modelPath, root } from "../../browser/support/site.js";

const fixtures = join(root, "tests/package/fixtures");
/** @type {string[]} */
const folders = [];

const execute = promisify(execFile);

/**
 * Runs a program to its end; one that fails throws with all that it printed.
 * @param {string} cwd
 * @param {string} command
 * @param {...string} args
 */
export async function run(cwd, command, ...args) {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_OPTIONS: "" };
  try {
    return await execute(command, args, { cwd, env, maxBuffer: 1 << 24 });
  } catch (error) {
    const { stdout, stderr } = /** @type {any} */ (error);
    throw new Error(`\`${command} ${args.join(" ")}\`: ${error}\n${stdout}\n${stderr}`);
  }
}

/**
 * A copy of a fixture with the packed package in it.
 * @param {string} fixture
 * @param {{ withTools?: boolean }} [options] withTools: where bundlers are found
 * @returns {Promise<string>} its folder
 */
export async function installApp(fixture, { withTools = true } = {}) {
  const app = await mkdtemp(join(withTools ? packageToolsDir : tmpdir(), `${fixture}-`));
  folders.push(app);
  await cp(join(fixtures, fixture), app, { recursive: true });
  await installPacked(app);
  return app;
}

/** @param {string} folder */
export async function installPacked(folder) {
  await run(folder, "npm", "install", "--no-package-lock", "--no-audit", "--no-fund", await packedFile());
}

/** An empty folder, removed with the apps. */
export async function emptyFolder() {
  const folder = await mkdtemp(join(tmpdir(), "simile-package-"));
  folders.push(folder);
  return folder;
}

/**
 * Puts the int8 model at `<folder>/models/`, as a link, or as a file where links are
 * not followed.
 * @param {string} folder
 * @param {{ copy?: boolean }} [options]
 */
export async function addModel(folder, { copy = false } = {}) {
  const target = join(folder, modelPath);
  await mkdir(dirname(target), { recursive: true });
  await (copy ? cp : symlink)(join(dist, modelPath), target);
}

export function removeApps() {
  return Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}
