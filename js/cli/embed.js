// SPDX-License-Identifier: Apache-2.0
// `simile embed`: texts to vectors.

import { choiceOption } from "./command-line.js";
import { vectorJson } from "./float32-text.js";
import { write } from "./lines.js";
import { loadModel, modelHelp, modelOptions } from "./model-option.js";
import { npyHeader, npyRow } from "./npy.js";
import { answerLine, answerRecords, errorLine, writeErrorLine } from "./records.js";

/** @type {import("./command-line.js").Command} */
export const embed = {
  name: "embed",
  usage: "embed [--model FILE] [--format jsonl|npy] [--threads N]",
  summary: "texts on standard input to vectors on standard output",
  help: `Reads one JSON value a line, a string or an object with "text" and perhaps "id", and
writes a line for each, in order: an array of numbers for a string,
{"id": …, "embedding": […]} for an object, {"error": …, "code": …, "line": …} for a line
that is neither (or is empty).

${modelHelp}  --format jsonl   as above (default)
  --format npy     one float32 array [lines, dims] at the end of the input; a bad line is
                   a row of NaN, and its error goes to standard error
`,
  options: { ...modelOptions, format: { type: "string" } },
  operands: [],
  async run(values) {
    const format = choiceOption(values, "format", ["jsonl", "npy"]);
    const model = await loadModel(values);
    try {
      await (format === "npy" ? embedToNpy(model) : embedToLines(model));
    } finally {
      model.dispose();
    }
  },
};

/** @param {import("../embedder.js").Embedder} model */
async function embedToLines(model) {
  await answerRecords((texts) => model.embed(texts), {
    good: (record, vector) => write(answerLine(record, "embedding", vectorJson(vector))),
    bad: writeErrorLine,
  });
}

/** @param {import("../embedder.js").Embedder} model */
async function embedToNpy(model) {
  const { dims } = model.info().model;
  const missing = new Float32Array(dims).fill(NaN);
  /** @type {Float32Array[]} the header, which is written first, counts them */
  const rows = [];
  await answerRecords((texts) => model.embed(texts), {
    good: async (_, vector) => void rows.push(vector),
    bad: async (number, error) => {
      rows.push(missing);
      process.stderr.write(errorLine(number, error));
    },
  });
  await write(npyHeader(rows.length, dims));
  for (const row of rows) await write(npyRow(row));
}
