/**
 * One set-up at a time in a checkout: a lock file that names its owner's process. The lock of a process that is gone
 * is taken over, so a set-up that was killed never blocks the next one. Runs on Node 20 without any package.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const pollMs = 250;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Process id in the lock file, or null where it is gone or cannot be read. */
function ownerOf(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || null;
  } catch {
    return null;
  }
}

/** Takes the lock in one step: a file that appears is already complete. */
function tryTake(file) {
  const mine = `${file}.${process.pid}`;
  try {
    writeFileSync(mine, String(process.pid));
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw new Error(`Cannot write ${file}: ${error.message}`, { cause: error });
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Puts aside the lock of a process that is gone, unless somebody has taken it over in the meantime. */
function removeStale(file, owner) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    if (ownerOf(aside) !== owner) linkSync(aside, file);
  } catch {
    // Somebody else was faster: the next try tells.
  }
  rmSync(aside, { force: true });
}

let isHeld = false;

/** Runs `work` while this process holds the checkout's set-up lock; waits for another set-up to end first. */
export async function withSetupLock(root, say, work) {
  if (isHeld) return work();
  const folder = join(root, '.cache');
  const file = join(folder, 'setup.lock');
  mkdirSync(folder, { recursive: true });
  for (let hasSaid = false; !tryTake(file);) {
    const owner = ownerOf(file);
    if (owner === null || !isAlive(owner)) {
      removeStale(file, owner);
      continue;
    }
    if (!hasSaid) say(`another set-up is running in this checkout (process ${owner}), waiting for it`);
    hasSaid = true;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  isHeld = true;
  try {
    return await work();
  } finally {
    isHeld = false;
    if (ownerOf(file) === process.pid) rmSync(file, { force: true });
  }
}
