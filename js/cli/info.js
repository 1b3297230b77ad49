// SPDX-License-Identifier: Apache-2.0
// `simile info`: what a Simile file holds, after it was loaded and verified.

import { createHash } from "node:crypto";
import { load } from "../load.js";
import { openFile } from "../node-files.js";
import { write } from "./lines.js";

/** @type {import("./command-line.js").Command} */
export const info = {
  name: "info",
  usage: "info FILE",
  summary: "what a Simile file holds",
  help: `Loads the file, which verifies it, and prints what it holds as JSON: the file's size and
sha256 (for \`load(url, { sha256 })\`), the model, and the memory that it takes.
`,
  options: {},
  operands: ["FILE"],
  async run(_, [path]) {
    const hash = createHash("sha256");
    const { chunks, totalBytes } = await openFile(path);
    for await (const chunk of chunks) hash.update(chunk);
    const sha256 = hash.digest("hex");
    const loaded = await load(path, { sha256 });
    const { model, memoryBytes } = loaded.info();
    loaded.dispose();
    const facts = { file: path, fileBytes: totalBytes, sha256, memoryBytes, model };
    await write(`${JSON.stringify(facts, null, 2)}\n`);
  },
};
