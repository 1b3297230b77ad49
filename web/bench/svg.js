// SPDX-License-Identifier: Apache-2.0
// Charts as plain SVG. Each is a figure with a title, a picture that tells its
// gist to those who cannot see it, and a table of its numbers.

import { create } from "../parts/dom.js";

/** A phone's charts are as wide as it is, so that their letters stay legible. */
export const narrow = matchMedia("(max-width: 40rem)");
const chartWidth = () => narrow.matches ? 340 : 640;

/** @param {string} name @param {Record<string, string | number>} attributes @param {...(Node | string)} children */
export function shape(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/**
 * @typedef {object} Table
 * @property {string[]} head
 * @property {string[][]} rows the first cell names the row
 *
 * @param {{ title: string, note?: string, gist: string, height: number, table: Table }} about
 * @param {Node[]} shapes
 * @param {Node[]} [below]
 */
function figure({ title, note, gist, height, table }, shapes, below = []) {
  return create("figure", { class: "chart" },
    create("h3", {}, title),
    ...(note ? [create("p", { class: "quiet" }, note)] : []),
    shape("svg", { viewBox: `0 0 ${chartWidth()} ${height}`, role: "img", "aria-label": gist }, ...shapes),
    ...below,
    create("details", {}, create("summary", {}, "The numbers"), tableOf(title, table)));
}

/** @param {string} title @param {Table} table */
function tableOf(title, { head, rows }) {
  const row = (/** @type {string[]} */ cells, /** @type {string} */ scope) => create("tr", {},
    ...cells.map((cell, i) => i === 0 || scope === "col" ? create("th", { scope }, cell) : create("td", {}, cell)));
  return create("div", { class: "numbers-table", role: "region", "aria-label": `${title}: numbers`, tabindex: "0" },
    create("table", {}, create("thead", {}, row(head, "col")),
      create("tbody", {}, ...rows.map((cells) => row(cells, "row")))));
}

const rowHeight = 34;
const barHeight = 12;

/**
 * @typedef {object} Bar
 * @property {string} label
 * @property {number} value
 * @property {string} style a colour's name in bench.css
 * @property {string} [detail] of the table
 *
 * Bars from a common zero, each with its name above and its number beside it.
 * @param {{ title: string, note?: string, gist: string, unit: string, bars: Bar[],
 *   format: (value: number) => string }} chart
 */
export function barChart({ bars, unit, format, ...about }) {
  const most = Math.max(...bars.map(({ value }) => value));
  const room = chartWidth() - 80;
  const shapes = bars.flatMap(({ label, value, style }, i) => {
    const length = Math.max(2, room * value / most);
    const top = i * rowHeight;
    return [
      shape("text", { x: 0, y: top + 12, class: "minor" }, label),
      shape("rect", { x: 0, y: top + 17, width: length, height: barHeight, rx: 3, class: `fill ${style}` }),
      shape("text", { x: length + 8, y: top + 28 }, format(value)),
    ];
  });
  const table = {
    head: ["Runtime", unit, "Each page load"],
    rows: bars.map(({ label, value, detail = "" }) => [label, format(value), detail]),
  };
  return figure({ ...about, height: bars.length * rowHeight, table }, shapes);
}

const plot = { left: 34, right: 10, top: 8, bottom: 30, height: 300 };

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {string} style as a bar's
 * @property {boolean} isDashed
 * @property {Map<number, number>} points
 *
 * Lines over two logarithmic axes.
 * @param {{ title: string, note?: string, gist: string, xUnit: string, lines: Line[],
 *   format: (value: number) => string }} chart
 */
export function lineChart({ lines, xUnit, format, ...about }) {
  const xs = [...new Set(lines.flatMap(({ points }) => [...points.keys()]))].sort((a, b) => a - b);
  const values = lines.flatMap(({ points }) => [...points.values()]);
  const right = chartWidth() - plot.right;
  const x = scale(xs[0], xs[xs.length - 1], plot.left, right);
  const y = scale(Math.min(...values), Math.max(...values), plot.height - plot.bottom, plot.top);
  const shapes = [
    ...ticks(Math.min(...values), Math.max(...values)).flatMap((value) => [
      shape("line", { x1: plot.left, x2: right, y1: y(value), y2: y(value), class: "grid" }),
      shape("text", { x: plot.left - 8, y: y(value) + 4, "text-anchor": "end", class: "minor" }, String(value)),
    ]),
    ...xs.map((value) =>
      shape("text", { x: x(value), y: plot.height - 10, "text-anchor": "middle", class: "minor" }, String(value))),
    ...lines.flatMap(({ points, style, isDashed }) => [
      shape("polyline", { class: `stroke ${style}${isDashed ? " dashed" : ""}`, points: [...points].map(([at, value]) => `${x(at)},${y(value)}`).join(" ") }),
      ...[...points].map(([at, value]) => shape("circle", { cx: x(at), cy: y(value), r: 3.5, class: `fill ${style}` })),
    ]),
  ];
  const table = {
    head: [xUnit, ...lines.map(({ label }) => label)],
    rows: xs.map((at) => [String(at), ...lines.map(({ points }) => points.has(at) ? format(points.get(at)) : "–")]),
  };
  const legend = legendOf(lines.map(({ label, style, isDashed }) => ({ label, mark:
    shape("line", { x1: 0, x2: 22, y1: 5, y2: 5, class: `stroke ${style}${isDashed ? " dashed" : ""}` }) })));
  return figure({ ...about, height: plot.height, table }, shapes, [legend]);
}

/** A logarithmic scale; one value alone lies in the middle. */
function scale(/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ first, /** @type {number} */ last) {
  const span = Math.log(to / from);
  return (/** @type {number} */ value) =>
    span === 0 ? (first + last) / 2 : first + (last - first) * Math.log(value / from) / span;
}

/** 1, 2, 5, 10 … between two values. */
function ticks(/** @type {number} */ from, /** @type {number} */ to) {
  const found = [];
  for (let power = 10 ** Math.floor(Math.log10(from)); power <= to; power *= 10) {
    found.push(...[1, 2, 5].map((digit) => Number((digit * power).toPrecision(1))).filter((value) => value >= from && value <= to));
  }
  return found;
}

/** @param {{ label: string, mark: Node }[]} entries */
function legendOf(entries) {
  return create("ul", { class: "legend" }, ...entries.map(({ label, mark }) => create("li", {},
    shape("svg", { viewBox: "0 0 22 10", "aria-hidden": "true" }, mark), label)));
}

/**
 * Parts of a whole, one bar for each row.
 * @param {{ title: string, note?: string, gist: string, rowUnit: string,
 *   rows: { label: string, shares: Record<string, number> }[] }} chart
 */
export function shareChart({ rows, rowUnit, ...about }) {
  const kinds = Object.keys(rows[0].shares);
  const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`;
  const shapes = rows.flatMap(({ label, shares }, i) => {
    let left = plot.left;
    const room = chartWidth() - plot.left;
    return [
      shape("text", { x: plot.left - 8, y: i * rowHeight + 20, "text-anchor": "end" }, label),
      ...kinds.map((kind, k) => {
        const rect = shape("rect", { x: left, y: i * rowHeight + 6, width: Math.max(0, room * shares[kind]), height: 20, class: `fill kind-${k}` },
          shape("title", {}, `${kind}: ${percent(shares[kind])}`));
        left += room * shares[kind];
        return rect;
      }),
    ];
  });
  const table = {
    head: [rowUnit, ...kinds],
    rows: rows.map(({ label, shares }) => [label, ...kinds.map((kind) => percent(shares[kind]))]),
  };
  const legend = legendOf(kinds.map((kind, k) => ({ label: kind, mark:
    shape("rect", { x: 6, width: 10, height: 10, rx: 2, class: `fill kind-${k}` }) })));
  return figure({ ...about, height: rows.length * rowHeight, table }, shapes, [legend]);
}
