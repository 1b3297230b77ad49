// SPDX-License-Identifier: Apache-2.0
// `simile convert`: a checkpoint of the Hugging Face Hub to a Simile file.

import { createHash } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { checkpointFolder } from "../checkpoint-folder.js";
import { convertCheckpoint } from "../convert.js";
import { acquireCore } from "../core-registry.js";
import { SimileError } from "../errors.js";
import { detectFeatures } from "../features.js";
import { coreSettings } from "../load.js";
import { modelCatalog } from "../model-catalog.js";
import { isFolder } from "../node-files.js";
import { sharedTools } from "../shared-tools.js";
import { selectVariant } from "../variants.js";
import { choiceOption, countOption, UsageError } from "./command-line.js";
import { progressLine } from "./progress-line.js";

const calibrationPath = fileURLToPath(new URL("../data/calibration.txt", import.meta.url));
const copyBytes = 1 << 20;

/** @type {import("./command-line.js").Command} */
export const convert = {
  name: "convert",
  usage: "convert DIR -o FILE [--weights int8|f32] [--calibration FILE|none] [--threads N]",
  summary: "a checkpoint's folder to a Simile file",
  help: `DIR is laid out as on the Hugging Face Hub: config.json, model.safetensors (F32, F16 or
BF16), vocab.txt or tokenizer.json, and what else of a sentence-transformers model there is.

  -o, --output FILE    where to write; it appears when it is complete
  --weights int8|f32   precision; default: int8
  --calibration FILE   UTF-8 texts, one a line, by which int8 weights are smoothed and
                       rounded; default: the package's own; none: round to nearest
  --name, --source, --license TEXT
                       what the file says of itself; default: the catalogue's words for a
                       checkpoint that it knows, else the checkpoint's own
  --threads N          1 to 64; default: 1
`,
  options: {
    output: { type: "string", short: "o" },
    weights: { type: "string" },
    calibration: { type: "string" },
    name: { type: "string" },
    source: { type: "string" },
    license: { type: "string" },
    threads: { type: "string" },
  },
  operands: ["DIR"],
  async run(values, [path]) {
    const output = /** @type {string | undefined} */ (values.output);
    if (!output) throw new UsageError("convert: -o FILE is missing");
    const precision = choiceOption(values, "weights", ["int8", "f32"]);
    const threads = countOption(values, "threads", 64);
    if (!await isFolder(path)) {
      throw new SimileError("invalid_argument", `${path} is not a folder`);
    }
    const settings = {
      precision,
      calibration: await readCalibration(values.calibration, precision),
      ...await describeCheckpoint(path, values),
    };
    const choice = selectVariant(detectFeatures(), { threads });
    const { core, release } = await acquireCore(coreSettings(choice));
    try {
      await untilInterrupted((signal) => convertToFile(core, path, output, { ...settings, signal }));
    } finally {
      release();
    }
  },
};

/**
 * @param {string | boolean | undefined} choice
 * @param {string} precision
 * @returns {Promise<Uint8Array | undefined>}
 */
async function readCalibration(choice, precision) {
  // Calibration is for rounding; f32 weights are left as they are.
  if (choice === "none" || (choice === undefined && precision === "f32")) return undefined;
  const path = String(choice ?? calibrationPath);
  return readFile(path).catch((error) => {
    throw new SimileError("invalid_argument", `cannot read --calibration ${path}: ${error.message}`);
  });
}

/**
 * @param {string} path
 * @param {import("./command-line.js").Values} values
 */
async function describeCheckpoint(path, values) {
  const hash = createHash("sha256");
  // In several files there is none that a hash would be known of.
  const weights = await checkpointFolder(path, sharedTools).openWeights("model.safetensors").catch(() => undefined);
  for await (const chunk of weights?.chunks ?? []) hash.update(chunk);
  const sha256 = weights && hash.digest("hex");
  const [name, known] = Object.entries(modelCatalog).find(([, one]) => one.sha256 === sha256) ?? [];
  const text = (/** @type {string} */ key) => /** @type {string | undefined} */ (values[key]);
  return {
    sha256,
    name: text("name") ?? name,
    source: text("source") ?? known?.source,
    license: text("license") ?? known?.license,
  };
}

/**
 * @param {import("../core.js").Core} core
 * @param {string} path
 * @param {string} output
 * @param {import("../convert.js").ConvertSettings} settings
 */
async function convertToFile(core, path, output, settings) {
  // Reading is the lesser part if there is calibration, nearly all if not.
  const readShare = settings.calibration === undefined ? 0.9 : 0.1;
  const line = progressLine("converting");
  try {
    const converter = await convertCheckpoint(core, checkpointFolder(path, sharedTools), {
      ...settings,
      onBytes: (loaded, total = loaded) => line.update({ fraction: readShare * loaded / total }),
      onStep: (fraction) => line.update({ fraction: readShare + (1 - readShare) * fraction }),
    }, sharedTools);
    await writeOutput(converter, output, settings.signal);
    line.clear();
    process.stderr.write(`wrote ${output}, ${(converter.outputBytes / 1e6).toFixed(1)} MB\n`);
    converter.delete();
  } finally {
    line.clear();
  }
}

/**
 * Whole or not at all: under another name until the last byte is on disk.
 * @param {import("../core-converter.js").CoreConverter} converter
 * @param {string} output
 * @param {AbortSignal} [signal]
 */
async function writeOutput(converter, output, signal) {
  const unfinished = `${output}.${process.pid}.part`;
  try {
    const file = await open(unfinished, "w");
    try {
      const total = converter.outputBytes;
      for (let begin = 0; begin < total; begin += copyBytes) {
        signal?.throwIfAborted();
        await file.writeFile(converter.readOutput(begin, Math.min(copyBytes, total - begin)));
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, output);
  } catch (error) {
    await rm(unfinished, { force: true });
    if (error instanceof SimileError || signal?.aborted) throw error;
    const { message } = /** @type {Error} */ (error);
    throw new SimileError("invalid_argument", `cannot write ${output}: ${message}`, { cause: error });
  }
}

/**
 * Ctrl-C lets the work clean up.
 * @param {(signal: AbortSignal) => Promise<void>} work
 */
async function untilInterrupted(work) {
  const controller = new AbortController();
  const interrupt = () => controller.abort(new SimileError("aborted", "interrupted"));
  process.once("SIGINT", interrupt);
  try {
    await work(controller.signal);
  } finally {
    process.off("SIGINT", interrupt);
  }
}
