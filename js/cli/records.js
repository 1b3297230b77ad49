// SPDX-License-Identifier: Apache-2.0
// The records of `embed` and `tokenize`: one JSON value a line, one answer a
// line. A bad line gets an answer too, so that line n answers line n.

import { SimileError } from "../errors.js";
import { readLines, write } from "./lines.js";

// As many texts as go into the module's heap at a time.
const batchSize = 64;

/**
 * @typedef {object} Record
 * @property {number} number of its line
 * @property {string} text
 * @property {boolean} isObject
 * @property {unknown} [id]
 */

/**
 * @param {import("./lines.js").Line} line
 * @returns {Record}
 */
export function parseRecord({ number, text, problem }) {
  if (text === undefined) throw badLine(/** @type {string} */ (problem));
  if (text.trim() === "") throw badLine("it is empty");
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badLine(`it is no JSON (${/** @type {Error} */ (error).message})`);
  }
  if (typeof value === "string") return { number, text: value, isObject: false };
  if (typeof value?.text === "string") {
    return { number, text: value.text, isObject: true, id: value.id };
  }
  throw badLine("expected a string, or an object with a string \"text\"");
}

/** @param {string} problem */
function badLine(problem) {
  return new SimileError("invalid_argument", problem);
}

/**
 * Answers every line of standard input, in order.
 * @template T
 * @param {(texts: string[]) => Promise<T[]>} answer for texts, one each
 * @param {{ good: (record: Record, value: T) => Promise<void>,
 *   bad: (number: number, error: unknown) => Promise<void> }} output
 */
export async function answerRecords(answer, output) {
  let badLines = 0;
  for await (const lines of readLines(process.stdin)) {
    for (let i = 0; i < lines.length; i += batchSize) {
      const results = await answerBatch(lines.slice(i, i + batchSize), answer);
      for (const { number, record, value, error } of results) {
        if (record !== undefined && error === undefined) {
          await output.good(record, /** @type {T} */ (value));
        } else {
          badLines += 1;
          await output.bad(number, error);
        }
      }
    }
  }
  if (badLines > 0) process.stderr.write(`simile: ${badLines} bad lines\n`);
}

/**
 * @template T
 * @typedef {{ number: number, record?: Record, value?: T, error?: unknown }} Result
 */

/**
 * @template T
 * @param {import("./lines.js").Line[]} lines
 * @param {(texts: string[]) => Promise<T[]>} answer
 */
async function answerBatch(lines, answer) {
  /** @type {Result<T>[]} */
  const results = lines.map((line) => {
    try {
      return { number: line.number, record: parseRecord(line) };
    } catch (error) {
      return { number: line.number, error };
    }
  });
  const good = results.filter(({ record }) => record !== undefined);
  const texts = good.map(({ record }) => /** @type {Record} */ (record).text);
  try {
    const values = texts.length > 0 ? await answer(texts) : [];
    good.forEach((result, i) => void (result.value = values[i]));
  } catch (error) {
    if (!isOfOneText(error)) throw error;
    // One of them is at fault: the others shall not suffer for it.
    for (const [i, result] of good.entries()) {
      try {
        [result.value] = await answer([texts[i]]);
      } catch (failure) {
        if (!isOfOneText(failure)) throw failure;
        result.error = failure;
      }
    }
  }
  return results;
}

/** @param {unknown} error */
function isOfOneText(error) {
  return error instanceof SimileError &&
    (error.code === "invalid_argument" || error.code === "out_of_memory");
}

/**
 * @param {number} number of the line
 * @param {unknown} error
 */
export function errorLine(number, error) {
  const { code = "internal", message } = /** @type {SimileError} */ (error);
  return `${JSON.stringify({ error: `line ${number}: ${message}`, code, line: number })}\n`;
}

/**
 * @param {number} number of the line
 * @param {unknown} error
 */
export function writeErrorLine(number, error) {
  return write(errorLine(number, error));
}

/**
 * A record's answer as a line: the bare value for a bare string, an object that
 * carries the id for an object.
 * @param {Record} record
 * @param {string} name of the value in an object
 * @param {string} json
 */
export function answerLine({ isObject, id }, name, json) {
  if (!isObject) return `${json}\n`;
  const start = id === undefined ? "" : `"id":${JSON.stringify(id)},`;
  return `{${start}"${name}":${json}}\n`;
}
