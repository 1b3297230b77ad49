#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The `simile` command: picks a subcommand, and turns its end into an exit code:
// 0 fine, 1 a failure, 2 a wrong use.

import { readFile } from "node:fs/promises";
import { SimileError } from "../errors.js";
import { parseCommandLine, UsageError } from "./command-line.js";
import { convert } from "./convert.js";
import { embed } from "./embed.js";
import { info } from "./info.js";
import { rank } from "./rank.js";
import { tokenize } from "./tokenize.js";

const commands = [convert, embed, tokenize, rank, info];

const overview = `Embeds text and ranks it by meaning.

${commands.map(({ usage, summary }) => `  simile ${usage}\n      ${summary}`).join("\n")}

  simile COMMAND --help says more; simile --version prints the version.
`;

/** @param {string[]} args */
async function main(args) {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h") {
    if (name === undefined) throw new UsageError(overview);
    process.stdout.write(overview);
    return;
  }
  if (name === "--version") {
    process.stdout.write(`${await version()}\n`);
    return;
  }
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    throw new UsageError(`there is no command '${name}'; there are ` +
      commands.map((one) => one.name).join(", "));
  }
  const { values, positionals } = parseCommandLine(command, rest);
  if (values.help) process.stdout.write(`simile ${command.usage}\n\n${command.help}`);
  else if (values.version) process.stdout.write(`${await version()}\n`);
  else await command.run(values, positionals);
}

async function version() {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return /** @type {string} */ (JSON.parse(text).version);
}

/** @param {unknown} error */
function report(error) {
  const isUsage = error instanceof UsageError;
  const isKnown = isUsage || error instanceof SimileError;
  const message = error instanceof Error ? (isKnown ? error.message : error.stack) : String(error);
  process.stderr.write(`simile: ${message}\n`);
  process.exitCode = isUsage ? 2 : 1;
}

// Who reads our output may have seen enough; that is no error.
process.stdout.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
  if (error.code !== "EPIPE") report(error);
  process.exit();
});

main(process.argv.slice(2)).catch(report);
