// SPDX-License-Identifier: Apache-2.0
// The map: sentences as dots on two axes, drawn on a canvas, the query among
// them, and names beside those that are most like it. What it says is in the
// ranking too, so for a screen reader it is a picture with a description.

import { mayMove } from "./dom.js";
import { project } from "./principal-axes.js";

const margin = 28;
const moveMs = 220;
const namesShown = 5;
const namesShownOfFew = 14;
const nameChars = 34;
const nameCharsOnPhone = 20;
const phoneWidth = 480;

/** @typedef {import("./principal-axes.js").Axes} Axes */
/** @typedef {{ x: number, y: number }} Point */

export class SentenceMap {
  #canvas;
  #onHover;
  /** @type {readonly string[]} */
  #sentences = [];
  /** @type {Axes | undefined} */
  #axes;
  /** @type {Point[]} between 0 and 1 */
  #points = [];
  /** @type {(point: Point) => Point} */
  #scale = (point) => point;
  /** @type {Point | undefined} where the query is, and where it is drawn by now */
  #goal;
  /** @type {Point | undefined} */
  #query;
  /** @type {readonly { index: number, score?: number }[]} */
  #ranked = [];
  #hovered = -1;
  #isDrawing = false;
  #movedAt = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(sentence: string) => void} onHover
   */
  constructor(canvas, onHover) {
    this.#canvas = canvas;
    this.#onHover = onHover;
    new ResizeObserver(() => this.#draw()).observe(canvas);
    new MutationObserver(() => this.#draw())
      .observe(document.documentElement, { attributeFilter: ["data-theme"] });
    canvas.addEventListener("pointermove", (event) => this.#hover(event));
    canvas.addEventListener("pointerleave", () => this.#setHovered(-1));
  }

  /**
   * @param {readonly string[]} sentences
   * @param {Axes} axes
   * @param {Float64Array} places [count, 2]
   */
  setList(sentences, axes, places) {
    this.#sentences = sentences;
    this.#axes = axes;
    const raw = sentences.map((_, i) => ({ x: places[2 * i], y: places[2 * i + 1] }));
    this.#scale = scaleOf(raw);
    this.#points = raw.map(this.#scale);
    this.#hovered = -1;
    this.#goal = this.#query = undefined;
    this.#draw();
  }

  /**
   * @param {Float32Array | undefined} vector
   * @param {readonly { index: number, score?: number }[]} ranked of this list
   */
  setQuery(vector, ranked) {
    this.#ranked = ranked;
    if (this.#axes === undefined) return;
    if (vector === undefined) {
      this.#goal = this.#query = undefined;
    } else {
      const [x, y] = project(vector, this.#axes);
      const { x: left, y: top } = this.#scale({ x, y });
      // What lies off the map stands at its edge.
      this.#goal = { x: Math.max(0, Math.min(1, left)), y: Math.max(0, Math.min(1, top)) };
      if (this.#query === undefined || !mayMove()) this.#query = this.#goal;
      this.#movedAt = performance.now();
    }
    this.#draw();
  }

  /** @param {PointerEvent} event */
  #hover({ offsetX, offsetY }) {
    const { clientWidth, clientHeight } = this.#canvas;
    let [best, nearest] = [-1, 18];
    this.#points.forEach((point, i) => {
      const { x, y } = onCanvas(point, clientWidth, clientHeight);
      const distance = Math.hypot(x - offsetX, y - offsetY);
      if (distance < nearest) [best, nearest] = [i, distance];
    });
    this.#setHovered(best);
  }

  /** @param {number} index */
  #setHovered(index) {
    if (index === this.#hovered) return;
    this.#hovered = index;
    this.#onHover(index < 0 ? "" : this.#sentences[index]);
    this.#draw();
  }

  /** In the next frame; several wishes give one drawing. */
  #draw() {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame((now) => {
      this.#isDrawing = false;
      if (this.#moveQuery(now)) this.#draw();
      this.#paint();
    });
  }

  /** @param {number} now @returns {boolean} whether it is still on its way */
  #moveQuery(now) {
    if (this.#goal === undefined || this.#query === undefined || this.#query === this.#goal) return false;
    const share = Math.min(1, Math.max(0, (now - this.#movedAt) / moveMs));
    const { x, y } = this.#query;
    this.#query = share === 1 ? this.#goal
      : { x: x + (this.#goal.x - x) * share, y: y + (this.#goal.y - y) * share };
    return share < 1;
  }

  #paint() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (width === 0 || this.#points.length === 0) return;
    const ratio = devicePixelRatio;
    [this.#canvas.width, this.#canvas.height] = [width * ratio, height * ratio];
    const context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
    context.scale(ratio, ratio);
    const places = this.#points.map((point) => onCanvas(point, width, height));
    const query = this.#query && onCanvas(this.#query, width, height);
    paintMap(context, { places, query, width, height, ranked: this.#ranked, hovered: this.#hovered,
      sentences: this.#sentences });
  }
}

/** @param {Point} point @param {number} width @param {number} height */
function onCanvas({ x, y }, width, height) {
  return { x: margin + x * (width - 2 * margin), y: height - margin - y * (height - 2 * margin) };
}

/**
 * One scale for both axes would waste the room: each is stretched to fill it.
 * @param {readonly Point[]} points
 * @returns {(point: Point) => Point}
 */
function scaleOf(points) {
  /** @param {"x" | "y"} axis */
  const range = (axis) => {
    const values = points.map((point) => point[axis]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return most - least < 1e-6 ? { least: least - 0.5, span: 1 } : { least, span: most - least };
  };
  const [xs, ys] = [range("x"), range("y")];
  return ({ x, y }) => ({ x: (x - xs.least) / xs.span, y: (y - ys.least) / ys.span });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{ places: Point[], query: Point | undefined, width: number, height: number,
 *   ranked: readonly { index: number, score?: number }[], hovered: number,
 *   sentences: readonly string[] }} view
 */
function paintMap(context, { places, query, width, height, ranked, hovered, sentences }) {
  const style = getComputedStyle(document.documentElement);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  context.clearRect(0, 0, width, height);
  const isRanked = query !== undefined;
  const nearest = ranked.slice(0, namesShown).map(({ index }) => index);
  const named = places.length <= namesShownOfFew ? places.map((_, i) => i) : isRanked ? nearest : [];
  if (query) paintRays(context, query, nearest.slice(0, 3).map((i) => places[i]), colour("accent"));
  const radius = places.length > 200 ? 3 : 4.5;
  places.forEach((place, i) => {
    const isNear = isRanked && nearest.includes(i);
    paintDot(context, place, i === hovered ? radius + 2 : radius, colour(isNear ? "accent" : "dot"));
  });
  if (query) {
    paintDot(context, query, 9, colour("card"));
    paintDot(context, query, 7, colour("accent"));
    paintDot(context, query, 3, colour("card"));
  }
  const names = hovered >= 0 ? [hovered, ...named.filter((i) => i !== hovered)] : named;
  paintNames(context, names.filter((i) => places[i]).map((i) => ({ place: places[i], text: shorten(sentences[i], width) })),
    { width, height, text: colour("text"), halo: colour("card"), taken: query ? [boxAround(query, 10)] : [] });
}

/** @param {CanvasRenderingContext2D} context @param {Point} from @param {Point[]} to @param {string} colour */
function paintRays(context, from, to, colour) {
  context.strokeStyle = colour;
  context.globalAlpha = 0.35;
  context.lineWidth = 1.5;
  for (const { x, y } of to) {
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(x, y);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {Point} place @param {number} radius @param {string} colour */
function paintDot(context, { x, y }, radius, colour) {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */

/**
 * Each name goes right, left, above or below its dot, where it covers none set
 * before it; a name without room is left out.
 * @param {CanvasRenderingContext2D} context
 * @param {{ place: Point, text: string }[]} names most important first
 * @param {{ width: number, height: number, text: string, halo: string, taken: Box[] }} view
 */
function paintNames(context, names, { width, height, text: ink, halo, taken }) {
  context.font = "13px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const { place: { x, y }, text } of names) {
    const long = context.measureText(text).width;
    const corners = [{ left: x + 9, top: y - 9 }, { left: x - 9 - long, top: y - 9 },
      { left: x - long / 2, top: y - 27 }, { left: x - long / 2, top: y + 9 }];
    const box = corners
      .map(({ left, top }) => ({ left, top, right: left + long, bottom: top + 18 }))
      .find((one) => one.left > 2 && one.right < width - 2 && one.top > 0 && one.bottom < height &&
        !taken.some((other) => overlaps(one, other)));
    if (box === undefined) continue;
    taken.push(box);
    [context.strokeStyle, context.lineWidth, context.fillStyle] = [halo, 4, ink];
    context.strokeText(text, box.left, box.top + 9);
    context.fillText(text, box.left, box.top + 9);
  }
}

/** @param {Box} a @param {Box} b */
function overlaps(a, b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** @param {Point} point @param {number} reach */
function boxAround({ x, y }, reach) {
  return { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach };
}

/** @param {string} text @param {number} width of the map */
function shorten(text, width) {
  const room = width < phoneWidth ? nameCharsOnPhone : nameChars;
  return text.length <= room ? text : `${text.slice(0, room - 1).trimEnd()}…`;
}
