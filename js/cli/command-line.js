// SPDX-License-Identifier: Apache-2.0
// The arguments of a subcommand, by Node's own parser.

import { parseArgs } from "node:util";

/** A wrong use of the command: exit code 2. */
export class UsageError extends Error {}

/** @typedef {Record<string, string | boolean | undefined>} Values */

/**
 * @typedef {object} Command
 * @property {string} name
 * @property {string} usage
 * @property {string} summary a line
 * @property {string} help
 * @property {Record<string, { type: "string" | "boolean", short?: string }>} options
 * @property {readonly string[]} operands names of what must follow the options
 * @property {(values: Values, operands: string[]) => Promise<void>} run
 */

/**
 * @param {Command} command
 * @param {string[]} args
 * @returns {{ values: Values, positionals: string[] }}
 */
export function parseCommandLine({ name, usage, options, operands }, args) {
  const all = { ...options, help: { type: /** @type {const} */ ("boolean"), short: "h" },
    version: { type: /** @type {const} */ ("boolean") } };
  let parsed;
  try {
    parsed = parseArgs({ args, options: all, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${name}: ${/** @type {Error} */ (error).message}\nusage: simile ${usage}`);
  }
  const values = /** @type {Values} */ (parsed.values);
  const { positionals } = parsed;
  if (!values.help && !values.version && positionals.length !== operands.length) {
    const expected = operands.length === 0 ? "nothing" : operands.join(" ");
    throw new UsageError(`${name}: expected ${expected} beside the options, got ` +
      `${positionals.join(" ") || "nothing"}\nusage: simile ${usage}`);
  }
  return { values, positionals };
}

/**
 * @param {Values} values
 * @param {string} name
 * @param {number} max
 * @returns {number | undefined}
 */
export function countOption(values, name, max) {
  const text = values[name];
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!/^[0-9]+$/.test(String(text)) || count < 1 || count > max) {
    throw new UsageError(`--${name}: expected a whole number from 1 to ${max}, got '${text}'`);
  }
  return count;
}

/**
 * @template {string} T
 * @param {Values} values
 * @param {string} name
 * @param {readonly [T, ...T[]]} allowed the default first
 * @returns {T}
 */
export function choiceOption(values, name, allowed) {
  const value = /** @type {T} */ (values[name] ?? allowed[0]);
  if (!allowed.includes(value)) {
    throw new UsageError(`--${name}: expected ${allowed.join(" or ")}, got '${value}'`);
  }
  return value;
}
