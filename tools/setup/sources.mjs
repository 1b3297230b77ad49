// SPDX-License-Identifier: Apache-2.0
// The sources of outside libraries: downloaded, reduced to the files that we
// use, checked by the hash of those files, and put into the cache folder.

import { existsSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { folderSha256, putInPlace, withTemporaryDir } from "./files.mjs";
import { dependencies, downloadDir, sourceDir } from "./paths.mjs";
import { downloadArchive, fromFirstPlace, unpack } from "./places.mjs";
import { SetupError } from "./process.mjs";
import { step } from "./report.mjs";

/** Copies the files that we use out of an unpacked archive. */
async function select(files, from, to) {
  for (const entry of files) {
    const source = join(from, entry);
    if (!existsSync(source)) throw new SetupError(`${entry} is missing in the archive`);
    await mkdir(dirname(join(to, entry)), { recursive: true });
    await cp(source, join(to, entry), { recursive: true });
  }
}

async function getSource(source, place, target) {
  await withTemporaryDir(join(downloadDir, source.name), async (dir) => {
    const archives = join(dir, "archive");
    const unpacked = join(dir, "unpacked");
    await mkdir(archives);
    await mkdir(unpacked);
    await unpack(await downloadArchive(place, archives), unpacked, place.strip);
    await putInPlace(target, async (temporary) => {
      await select(source.files, unpacked, temporary);
      const found = await folderSha256(temporary);
      if (found !== source.sha256) {
        throw new SetupError(`its files have the hash ${found}, expected ${source.sha256}`);
      }
    });
  });
}

/** Every source is there and has the content that tools/dependencies.json names. */
export async function setUpSources() {
  for (const source of dependencies.sources) {
    await step(`source ${source.name} ${source.version.slice(0, 12)}`, async () => {
      const target = join(sourceDir, source.name);
      if (existsSync(target) && await folderSha256(target) === source.sha256) return "unchanged";
      await fromFirstPlace(source, (place) => getSource(source, place, target));
    });
  }
}
