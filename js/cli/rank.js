// SPDX-License-Identifier: Apache-2.0
// `simile rank`: documents by likeness to a query.

import { countOption } from "./command-line.js";
import { float32Text } from "./float32-text.js";
import { readLines, write } from "./lines.js";
import { loadModel, modelHelp, modelOptions } from "./model-option.js";
import { parseRecord } from "./records.js";

/** @type {import("./command-line.js").Command} */
export const rank = {
  name: "rank",
  usage: "rank QUERY [--model FILE] [--top-k N] [--threads N]",
  summary: "documents on standard input by likeness to the query, best first",
  help: `Reads a document a line: plain text, or a JSON string, or an object with "text" and
perhaps "id". Empty lines are passed over. Writes, best first, a line
{"line": …, "score": …, "id": …, "text": …} for each; "line" counts from 1.

${modelHelp}  --top-k N       no more than N lines; default: all
`,
  options: { ...modelOptions, "top-k": { type: "string" } },
  operands: ["QUERY"],
  async run(values, [query]) {
    const topK = countOption(values, "top-k", 2 ** 32 - 1);
    const model = await loadModel(values);
    try {
      const documents = await readDocuments();
      const ranking = await model.rank(query, documents.map(({ text }) => text), { topK });
      for (const { index, score } of ranking) {
        const { line, id, text } = documents[index];
        const start = id === undefined ? "" : `"id":${JSON.stringify(id)},`;
        await write(`{"line":${line},"score":${float32Text(score)},${start}"text":${JSON.stringify(text)}}\n`);
      }
    } finally {
      model.dispose();
    }
  },
};

async function readDocuments() {
  /** @type {{ line: number, text: string, id?: unknown }[]} */
  const documents = [];
  for await (const lines of readLines(process.stdin)) {
    for (const line of lines) {
      if (line.text?.trim() === "") continue;
      if (line.text === undefined) {
        process.stderr.write(`simile: line ${line.number} is left out: ${line.problem}\n`);
        continue;
      }
      const { text, id } = readDocument(line) ?? { text: line.text };
      documents.push({ line: line.number, text, id });
    }
  }
  return documents;
}

/**
 * @param {import("./lines.js").Line} line
 * @returns {{ text: string, id?: unknown } | undefined} undefined: not JSON, so plain text
 */
function readDocument(line) {
  if (!/^\s*["{]/.test(line.text ?? "")) return undefined;
  try {
    return parseRecord(line);
  } catch {
    return undefined;
  }
}
