// SPDX-License-Identifier: Apache-2.0
// Hashes, and writing that an interruption cannot leave half done: everything is
// made under a temporary name beside its place and renamed last.

import { createHash, randomBytes } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isAlive } from "./process.mjs";

export const sha256 = (data) => createHash("sha256").update(data).digest("hex");

export async function fileSha256(path) {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

/** Relative paths of all files below `dir`, sorted by code unit, "/" between folders. */
export async function listFiles(dir, prefix = "") {
  const found = [];
  for (const entry of await readdir(join(dir, prefix), { withFileTypes: true })) {
    const path = prefix + entry.name;
    if (entry.isDirectory()) found.push(...await listFiles(dir, `${path}/`));
    else found.push(path);
  }
  return found.sort((a, b) => (a < b ? -1 : 1));
}

/**
 * One hash of a folder's content, whoever packed it: the SHA-256 of the lines
 * that `LC_ALL=C; find * -type f | sort | xargs sha256sum` prints.
 */
export async function folderSha256(dir) {
  const hash = createHash("sha256");
  for (const path of await listFiles(dir)) {
    hash.update(`${sha256(await readFile(join(dir, path)))}  ${path}\n`);
  }
  return hash.digest("hex");
}

const temporaryName = (path) => `${path}.part-${process.pid}-${randomBytes(3).toString("hex")}`;

/** Calls `make(temporary)`, which creates that file or folder, and then puts it at `path`. */
export async function putInPlace(path, make) {
  const temporary = temporaryName(path);
  await mkdir(dirname(path), { recursive: true });
  try {
    const result = await make(temporary);
    if (existsSync(path) && (await stat(path)).isDirectory()) await rm(path, { recursive: true });
    await rename(temporary, path);
    return result;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

export const writeInPlace = (path, data) =>
  putInPlace(path, (temporary) => writeFile(temporary, data));

/** Calls `use(dir)` with a new folder beside `near` that is gone afterwards. */
export async function withTemporaryDir(near, use) {
  const dir = temporaryName(near);
  await mkdir(dir, { recursive: true });
  try {
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Removes what interrupted processes left in the folders directly below `dir`. */
export async function sweepTemporaries(dir) {
  for (const folder of await readdir(dir).catch(() => [])) {
    for (const entry of await readdir(join(dir, folder)).catch(() => [])) {
      const pid = Number(/\.part-(\d+)-[0-9a-f]{6}$/.exec(entry)?.[1]);
      if (pid > 0 && !isAlive(pid)) await rm(join(dir, folder, entry), { recursive: true, force: true });
    }
  }
}
