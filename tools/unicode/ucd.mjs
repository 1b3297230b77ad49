// SPDX-License-Identifier: Apache-2.0
// The Unicode Character Database, as the makers of tables read it: the folder that is
// their one argument.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export const UCD_VERSION = "15.1.0";

const folder = process.argv[2];
if (folder === undefined) {
  console.error(`usage: node ${process.argv[1]} UCD_FOLDER (of Unicode ${UCD_VERSION})`);
  process.exit(2);
}

export function check(condition, message) {
  if (!condition) throw new Error(message);
}

check(readFileSync(join(folder, "DerivedAge.txt"), "utf8").startsWith(`# DerivedAge-${UCD_VERSION}`),
  `${folder} is not Unicode ${UCD_VERSION}`);

// The semicolon-separated fields of each line of a file.
export function readFields(name) {
  const lines = readFileSync(join(folder, name), "utf8").split("\n");
  return lines
    .map((line) => line.split("#")[0].trim())
    .filter((line) => line !== "")
    .map((line) => line.split(";").map((field) => field.trim()));
}
