// SPDX-License-Identifier: Apache-2.0
// Debian 12 (bookworm), as root: installs packages, and gets sources and single
// tools from trixie without letting it upgrade anything. Elsewhere nothing here
// runs, and the steps say what to install.

import { existsSync, readFileSync } from "node:fs";
import { readdir, rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileSha256, putInPlace, withTemporaryDir, writeInPlace } from "./files.mjs";
import { downloadDir } from "./paths.mjs";
import { ask, run, SetupError, which } from "./process.mjs";

const aptOptions = ["-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3",
  "-o", "APT::Sandbox::User=root"];
const apt = (args, options = {}) => run("apt-get", [...aptOptions, ...args],
  { log: "apt", ...options, env: { DEBIAN_FRONTEND: "noninteractive", ...options.env } });

/** Whether packages can be installed here by us. */
export function canInstall() {
  if (process.platform !== "linux" || process.getuid() !== 0 || !which("apt-get")) return false;
  const release = readFileSync("/etc/os-release", "utf8");
  return /^ID=debian$/m.test(release) && /^VERSION_CODENAME=bookworm$/m.test(release);
}

/** The Debian packages of these dependencies, as apt-get names them. */
export function debianPackages(dependencies) {
  return dependencies.flatMap(({ places }) => places.filter((place) => place.debian && !place.file)
    .map(({ debian, suite }) => (suite ? `${debian}/${suite}` : debian)));
}

const nameOf = (pkg) => pkg.split("/")[0];

function missing(packages) {
  const states = ask("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\\n"]) ?? "";
  const installed = new Set(states.split("\n").filter((line) => line.endsWith(" installed"))
    .map((line) => line.split(" ")[0]));
  return packages.filter((pkg) => !installed.has(nameOf(pkg)));
}

/** The mirror that this machine uses already. */
function mirror() {
  const sources = "/etc/apt/sources.list.d/debian.sources";
  const list = "/etc/apt/sources.list";
  const found = existsSync(sources)
    ? /^URIs:\s*(\S+)/m.exec(readFileSync(sources, "utf8"))
    : existsSync(list) && /^deb\s+(?:\[.*?\]\s+)?(\S+)/m.exec(readFileSync(list, "utf8"));
  if (!found) throw new SetupError("no Debian mirror found in /etc/apt: install emsdk instead");
  return found[1];
}

let isUpdated = false;

/** Adds trixie as a further source, pinned so low that only what is asked for comes from it. */
async function addTrixie() {
  if (isUpdated) return;
  await writeInPlace("/etc/apt/preferences.d/trixie",
    "Package: *\nPin: release n=trixie\nPin-Priority: 50\n");
  await writeInPlace("/etc/apt/sources.list.d/trixie.sources",
    `Types: deb deb-src\nURIs: ${mirror()}\nSuites: trixie\nComponents: main\n`
    + "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n");
  await apt(["update"]);
  isUpdated = true;
}

/** Installs what is missing of `packages`; "unchanged" if nothing is. */
export async function installPackages(packages) {
  const wanted = missing(packages);
  if (wanted.length === 0) return "unchanged";
  await addTrixie();
  await apt(["install", "-y", "--no-install-recommends", ...wanted]);
  return wanted.map(nameOf).join(" ");
}

/** Downloads a source package's original archive into `dir`. */
export async function downloadSource(name, dir) {
  if (!canInstall()) throw new SetupError("not Debian 12 as root");
  await addTrixie();
  await apt(["source", "--tar-only", "--download-only", "-t", "trixie", name], { cwd: dir });
}

/**
 * Debian's emscripten looks for acorn where only Debian's own Node would find it.
 */
export async function linkAcorn() {
  const link = "/usr/share/emscripten/node_modules/acorn";
  if (existsSync(link)) return;
  await putInPlace(link, (temporary) => symlink("/usr/share/nodejs/acorn", temporary));
}

/**
 * trixie's binaryen with the libc it was built for, beside bookworm's libc: the
 * tools are told where their libraries are, so the folder cannot be moved later.
 */
export async function installBinaryen({ sha256, places }, target) {
  if (existsSync(target)) return "unchanged";
  const place = places.find(({ debian }) => debian);
  const packages = [place.debian, ...place.with].map((name) => `${name}/${place.suite}`);
  await addTrixie();
  await withTemporaryDir(join(downloadDir, "binaryen"), async (dir) => {
    await apt(["download", ...packages], { cwd: dir });
    if (await fileSha256(join(dir, place.file)) !== sha256) {
      throw new SetupError(`${place.file} is not the file that tools/dependencies.json names: its hash differs`);
    }
    await putInPlace(target, async (unpacked) => {
      for (const file of await readdir(dir)) {
        await run("dpkg", ["-x", join(dir, file), join(dir, "root")], { log: "apt" });
      }
      const libraries = join(target, "usr/lib/x86_64-linux-gnu");
      const tools = (await readdir(join(dir, "root/usr/bin"))).map((tool) => join(dir, "root/usr/bin", tool));
      await run("patchelf", ["--set-interpreter", join(libraries, "ld-linux-x86-64.so.2"),
        "--force-rpath", "--set-rpath", libraries,
        ...tools.filter((tool) => /\/wasm[^/]*$/.test(tool))], { log: "apt" });
      await rename(join(dir, "root"), unpacked);
    });
  });
}
