// SPDX-License-Identifier: Apache-2.0
// `simile tokenize`: texts to token ids.

import { write } from "./lines.js";
import { loadModel, modelHelp, modelOptions } from "./model-option.js";
import { answerLine, answerRecords, writeErrorLine } from "./records.js";

/** @type {import("./command-line.js").Command} */
export const tokenize = {
  name: "tokenize",
  usage: "tokenize [--model FILE] [--threads N]",
  summary: "texts on standard input to token ids on standard output",
  help: `Reads lines as \`simile embed\` does and writes a line for each, in order: an array of
token ids, special tokens included, cut where the model cuts; {"id": …, "ids": […]} for an
object; {"error": …, "code": …, "line": …} for a bad line.

${modelHelp}`,
  options: modelOptions,
  operands: [],
  async run(values) {
    const model = await loadModel(values);
    try {
      await answerRecords((texts) => Promise.all(texts.map((text) => model.tokenize(text))), {
        good: (record, { ids }) => write(answerLine(record, "ids", JSON.stringify(ids))),
        bad: writeErrorLine,
      });
    } finally {
      model.dispose();
    }
  },
};
