// SPDX-License-Identifier: Apache-2.0
// Reads tables as text: RFC 4180, with commas, semicolons or tabs between the
// fields and any line ends. Forgiving, as spreadsheets are: a quote inside an
// unquoted field is a character, and a quoted field that never ends ends with
// the text.

const delimiters = [",", ";", "\t"];
/** How many rows are looked at where a guess will do. */
const sampleRows = 100;

/**
 * @param {string} text
 * @param {{ delimiter?: string, maxRows?: number }} [options] delimiter: default,
 *   the one that `guessDelimiter` finds
 * @returns {Generator<string[], void>} rows, each read when it is asked for; empty
 *   lines are left out
 */
export function* csvRows(text, { delimiter = guessDelimiter(text), maxRows = Infinity } = {}) {
  let position = text.startsWith("\ufeff") ? 1 : 0;
  for (let count = 0; position < text.length && count < maxRows;) {
    const { row, end } = readRow(text, position, delimiter);
    position = end;
    if (row.length === 1 && row[0] === "") continue;
    ++count;
    yield row;
  }
}

/**
 * All rows at once.
 * @param {string} text
 * @param {{ delimiter?: string, maxRows?: number }} [options]
 */
export function parseCsv(text, options) {
  return [...csvRows(text, options)];
}

/**
 * The delimiter that cuts the first rows into the most columns, the same number
 * in each; a comma if none does.
 * @param {string} text
 */
export function guessDelimiter(text) {
  let best = { delimiter: ",", columns: 1 };
  for (const delimiter of delimiters) {
    const widths = parseCsv(text, { delimiter, maxRows: 10 }).map((row) => row.length);
    const columns = Math.min(...widths);
    const isEven = columns === Math.max(...widths);
    if (isEven && columns > best.columns) best = { delimiter, columns };
  }
  return best.delimiter;
}

/**
 * Whether the first row names the columns: all its fields are filled, different,
 * short and no numbers.
 * @param {readonly string[][]} rows
 */
export function hasHeader(rows) {
  if (rows.length < 2) return false;
  const [first] = rows;
  return new Set(first).size === first.length &&
    first.every((field) => field.trim() !== "" && field.length <= 40 && Number.isNaN(Number(field)) &&
      !/[.!?]$/.test(field.trim()));
}

/**
 * The column that looks most like sentences: the one with the most text.
 * @param {readonly string[][]} rows
 */
export function wordiestColumn(rows) {
  const sample = rows.slice(0, sampleRows);
  const lengths = rows[0].map((_, column) =>
    sample.reduce((sum, row) => sum + (row[column] ?? "").replace(/[^\p{L} ]/gu, "").length, 0));
  return lengths.indexOf(Math.max(...lengths));
}

/**
 * @param {string} text
 * @param {number} begin
 * @param {string} delimiter
 */
function readRow(text, begin, delimiter) {
  const row = [];
  for (let position = begin; ;) {
    const { field, end } = text[position] === '"'
      ? readQuoted(text, position + 1, delimiter)
      : readPlain(text, position, delimiter);
    row.push(field);
    if (text[end] !== delimiter) return { row, end: skipLineEnd(text, end) };
    position = end + 1;
  }
}

/** @param {string} text @param {number} begin @param {string} delimiter */
function readPlain(text, begin, delimiter) {
  let end = begin;
  while (end < text.length && text[end] !== delimiter && text[end] !== "\n" && text[end] !== "\r") ++end;
  return { field: text.slice(begin, end), end };
}

/**
 * @param {string} text
 * @param {number} begin after the opening quote
 * @param {string} delimiter
 */
function readQuoted(text, begin, delimiter) {
  let field = "";
  for (let position = begin; ;) {
    const quote = text.indexOf('"', position);
    if (quote < 0) return { field: field + text.slice(position), end: text.length };
    field += text.slice(position, quote);
    if (text[quote + 1] !== '"') {
      const rest = readPlain(text, quote + 1, delimiter); // what follows the quote, if anything
      return { field: field + rest.field, end: rest.end };
    }
    field += '"';
    position = quote + 2;
  }
}

/** @param {string} text @param {number} position */
function skipLineEnd(text, position) {
  if (text.startsWith("\r\n", position)) return position + 2;
  return position < text.length ? position + 1 : position;
}
