// SPDX-License-Identifier: Apache-2.0
// `npm run bench -- …`: what may be asked for.

import { parseArgs } from "node:util";
import { SetupError } from "../tools/setup/process.mjs";
import { runtimeNames } from "../web/bench/measure/runtimes/index.js";
import { lengths, scenarios } from "./scenarios.mjs";

export const parts = ["latency", "throughput", "start", "ceiling", "profile", "bulk", "native", "models"];

const usage = `usage: npm run bench -- [options]
  --loads N         fresh page loads for each figure (6)
  --runs N          runs of each in a page load (12)
  --browser NAME    chromium, firefox or webkit (chromium)
  --scenarios LIST  of ${Object.keys(scenarios).join(", ")}
  --runtimes LIST   of ${runtimeNames.join(", ")}
  --parts LIST      of ${parts.join(", ")}
  --lengths LIST    of tokens (${lengths.join(", ")})
  --texts N         of mixed lengths (256)
  --publish         write the charts' figures, web/bench/results.json
  --site            put the peers into dist/bench/, for visitors; measure nothing`;

const list = (text, known, name) => {
  const asked = text === undefined ? known : text.split(",");
  const unknown = asked.find((one) => !known.includes(one));
  if (unknown !== undefined) throw new Error(`--${name}: there is no "${unknown}"`);
  return asked;
};

const positive = (text, name) => {
  const value = Number(text);
  if (!(Number.isInteger(value) && value > 0)) throw new Error(`--${name}: expected a whole number, got "${text}"`);
  return value;
};

export function parseOptions() {
  const string = { type: "string" };
  try {
    const { values } = parseArgs({
      options: {
        loads: string, runs: string, browser: string, scenarios: string, runtimes: string, parts: string,
        lengths: string, texts: string, publish: { type: "boolean" }, site: { type: "boolean" },
      },
    });
    return {
      loads: positive(values.loads ?? "6", "loads"),
      runs: positive(values.runs ?? "12", "runs"),
      browser: list(values.browser ?? "chromium", ["chromium", "firefox", "webkit"], "browser")[0],
      scenarios: list(values.scenarios, Object.keys(scenarios), "scenarios"),
      runtimes: ["simile", ...list(values.runtimes, runtimeNames, "runtimes").filter((name) => name !== "simile")],
      parts: list(values.parts, parts, "parts"),
      lengths: values.lengths?.split(",").map((text) => positive(text, "lengths")) ?? lengths,
      texts: positive(values.texts ?? "256", "texts"),
      publish: values.publish ?? false,
      site: values.site ?? false,
    };
  } catch (error) {
    throw new SetupError(`${error.message}\n${usage}`);
  }
}
