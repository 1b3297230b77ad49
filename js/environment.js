// SPDX-License-Identifier: Apache-2.0
// Whether this is Node, and its modules. They are asked for at run time by
// `process.getBuiltinModule`, so that no bundler sees an import of "node:". What
// needs them is in files of their own (node-*.js), which no page fetches.

/** True in Node, Deno, Bun and Electron's main process; false in any page. */
export function isNode() {
  const process = /** @type {any} */ (globalThis.process);
  return typeof process?.versions?.node === "string" && process.type !== "renderer" &&
    typeof process.getBuiltinModule === "function";
}

/**
 * What `builtin` gives, by name.
 * @typedef {{
 *   "node:crypto": typeof import("node:crypto"),
 *   "node:fs/promises": typeof import("node:fs/promises"),
 *   "node:os": typeof import("node:os"),
 *   "node:worker_threads": typeof import("node:worker_threads"),
 * }} Builtins
 */

/**
 * One of Node's modules.
 * @template {keyof Builtins} Name
 * @param {Name} name
 * @returns {Builtins[Name]}
 */
export function builtin(name) {
  return /** @type {any} */ (globalThis.process).getBuiltinModule(name);
}
