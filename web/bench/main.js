// SPDX-License-Identifier: Apache-2.0
// The page of measurements: draws the published ones, and measures here when asked.
// The address may ask for less: ?lengths=8,16 & runs=2 & texts=16.
//
// For tests and styles: <body data-state> is loading, ready or error; <body
// data-own> is running, done, stopped or error once a visitor has asked.

import { announce } from "../parts/announcer.js";
import { create, element, setText } from "../parts/dom.js";
import { chartsOf } from "./charts.js";
import { narrow } from "./svg.js";
import { aboutRun, failureSentence, runHere } from "./measure/own-run.js";

/** @param {any} error */
function showError(error) {
  setText("error", error.code ? `${error.message} (${error.code})` : `Something broke: ${error?.message ?? error}`);
  element("error").hidden = false;
}

/** What is drawn where: drawn again when the page becomes narrow, or wide. */
const drawn = new Map();
narrow.addEventListener("change", () => drawn.forEach((_, id) => draw(id)));

/** @param {string} id @param {any} [result] */
function draw(id, result = drawn.get(id)) {
  drawn.set(id, result);
  element(id).replaceChildren(...chartsOf(result));
}

async function showPublished() {
  const response = await fetch("results.json");
  if (!response.ok) throw new Error("the published figures are not there");
  const result = await response.json();
  const machine = Object.values(result.scenarios)[0]?.machine;
  const peers = Object.entries(result.versions).map(([name, version]) => `${name} ${version}`).join(", ");
  setText("machine", `${result.date}: ${result.processor}, ${result.processors} processors; ${machine?.browser}; ${peers}; ` +
    `medians of ${result.loads} page loads.`);
  draw("charts", result);
}

/** @type {AbortController | undefined} */
let running;

function wishes() {
  const query = new URLSearchParams(location.search);
  const lengths = query.get("lengths")?.split(",").map(Number);
  return {
    ...(lengths && { lengths }),
    ...(query.has("runs") && { runs: Number(query.get("runs")) }),
    ...(query.has("texts") && { texts: Number(query.get("texts")) }),
  };
}

/** @param {string} state */
function setOwnState(state) {
  document.body.dataset.own = state;
  const isRunning = state === "running";
  element("run").hidden = isRunning;
  element("stop").hidden = !isRunning;
  element("running").hidden = !isRunning;
}

/** @param {number} done @param {string} text */
function showProgress(done, text) {
  element("progress").value = done;
  setText("progress-text", text);
}

async function run() {
  running = new AbortController();
  element("error").hidden = true;
  setOwnState("running");
  element("stop").focus();
  try {
    const result = await runHere(wishes(), showProgress, running.signal);
    setText("own-note", failureSentence(result.failures));
    draw("own-charts", result);
    offerJson(result);
    setOwnState("done");
    announce("Measured. The charts are below the button.");
  } catch (error) {
    const isStopped = running.signal.aborted;
    if (!isStopped) showError(error);
    setOwnState(isStopped ? "stopped" : "error");
  }
  element("run").focus();
}

/** @param {object} result */
function offerJson(result) {
  const save = element("save");
  save.hidden = false;
  save.onclick = () => {
    const url = URL.createObjectURL(new Blob([JSON.stringify(result, null, 1)], { type: "application/json" }));
    create("a", { href: url, download: "simile-bench.json" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
}

element("run").addEventListener("click", () => void run());
element("stop").addEventListener("click", () => running?.abort());

await Promise.all([showPublished(), aboutRun().then((text) => setText("own-about", text))]).then(
  () => { document.body.dataset.state = "ready"; },
  (error) => {
    showError(error);
    document.body.dataset.state = "error";
  });
