// SPDX-License-Identifier: Apache-2.0
// Helper programs of a test run: started, awaited until they say they are ready,
// and ended by the handle that started them.

import { spawn } from "node:child_process";

const startTimeoutMs = 10_000;
const endTimeoutMs = 5_000;

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 */
export function startProcess(command, args, options) {
  const child = spawn(command, args, { stdio: "ignore", ...options });
  /** @type {Promise<string>} why it ended */
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`exit ${code ?? signal}`));
  });
  return {
    child,
    /**
     * @template T
     * @param {Promise<T>} ready
     * @returns {Promise<T>}
     */
    until(ready) {
      const early = ended.then((why) => {
        throw new Error(`${command} ended before it was ready: ${why}`);
      });
      return Promise.race([ready, early, timeout(startTimeoutMs, `${command} does not start`)]);
    },
    async end() {
      child.kill("SIGTERM");
      await Promise.race([ended, timeout(endTimeoutMs, "")]).catch(() => child.kill("SIGKILL"));
      await ended;
    },
  };
}

/**
 * @param {number} ms
 * @param {string} message
 * @returns {Promise<never>}
 */
function timeout(ms, message) {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(message)), ms).unref();
  });
}
