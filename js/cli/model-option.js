// SPDX-License-Identifier: Apache-2.0
// Which model a subcommand works with, loaded.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SimileError } from "../errors.js";
import { load } from "../load.js";
import { countOption } from "./command-line.js";
import { progressLine } from "./progress-line.js";

/** @type {Record<string, { type: "string" }>} */
export const modelOptions = { model: { type: "string" }, threads: { type: "string" } };

export const modelHelp = `  --model FILE    a Simile file; default: $SIMILE_MODEL, or the one that \`npm run demo\` made
  --threads N     1 to 64; default: 1
`;

/** @param {import("./command-line.js").Values} values */
export async function loadModel(values) {
  const threads = countOption(values, "threads", 64);
  const source = /** @type {string | undefined} */ (values.model) ?? defaultModel();
  const line = progressLine("loading");
  try {
    return await load(source, { threads, onProgress: line.update });
  } finally {
    line.clear();
  }
}

function defaultModel() {
  if (process.env.SIMILE_MODEL) return process.env.SIMILE_MODEL;
  const built = fileURLToPath(
    new URL("../../dist/models/all-minilm-l6-v2.int8.simile", import.meta.url));
  if (existsSync(built)) return built;
  throw new SimileError("invalid_argument",
    "no model: give --model FILE or set SIMILE_MODEL; " +
    "`simile convert DIR -o FILE` makes one from a checkpoint of the Hugging Face Hub");
}
