// SPDX-License-Identifier: Apache-2.0
// Running other programs: output goes to a log file, and a failure is one
// sentence with the last lines of that log.

import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, statSync, accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { logDir } from "./paths.mjs";

/** A failure that the reader can do something about: the message says what. */
export class SetupError extends Error {}

/** The full path of a program on PATH, or null. */
export function which(program) {
  const suffixes = process.platform === "win32" ? [".exe", ".bat", ".cmd"] : [""];
  for (const dir of (process.env.PATH ?? "").split(delimiter)) {
    for (const suffix of suffixes) {
      const path = join(dir, program + suffix);
      try {
        accessSync(path, constants.X_OK);
        if (statSync(path).isFile()) return path;
      } catch { /* not here */ }
    }
  }
  return null;
}

/** The standard output of a quick program, or null if it fails. */
export function ask(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: "utf8", ...options });
  return result.status === 0 ? result.stdout.trim() : null;
}

/** Whether a process with this id is running. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Where a runner's or step's full output is kept. */
export const logFile = (name) => join(logDir, `${name}.log`);

/**
 * Runs a program with its output appended to build/logs/`log`.log.
 * @returns {Promise<number>} the exit code; -1 if a signal ended it or it could not start
 */
export function runToLog(command, args, { log, env = {}, cwd } = {}) {
  mkdirSync(logDir, { recursive: true });
  const output = openSync(logFile(log), "a");
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", output, output],
    });
    const settle = (code) => { resolve(code); };
    child.on("error", () => settle(-1));
    child.on("close", (code) => settle(code ?? -1));
  }).finally(() => closeSync(output));
}

/** As runToLog, but anything other than success throws a SetupError. */
export async function run(command, args, options) {
  const code = await runToLog(command, args, options);
  if (code === 0) return;
  const lines = readFileSync(logFile(options.log), "utf8").trimEnd().split("\n").slice(-15);
  throw new SetupError(
    `\`${[command, ...args].join(" ").slice(0, 300)}\` failed (all of it in ${logFile(options.log)}):\n`
    + lines.map((line) => `  ${line}`).join("\n"));
}
