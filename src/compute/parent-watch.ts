/**
 * A child that was forked by Node ends with its parent, even while its own event loop is blocked by a computation:
 * the channel's end is enough for an idle loop, and a small thread watches the parent process for the busy one.
 * Electron ends its utility processes itself, so there the watch is not started.
 */
import { Worker } from 'node:worker_threads';

const WATCH_MS = 500;

/** Runs in the thread. A dead parent shows as a changed parent id (POSIX) or as an id that no longer exists (Windows). */
const WATCH = `
const parent = require('node:worker_threads').workerData;
setInterval(() => {
  let alive = process.ppid === parent;
  if (alive) try { process.kill(parent, 0); } catch (error) { alive = error.code === 'EPERM'; }
  if (!alive) process.kill(process.pid, 'SIGKILL');
}, ${WATCH_MS});
`;

/** Call it before saying `ready`: a parent that is alive to answer is then known by its id, however soon it dies. */
export function dieWithParent(): void {
  if (process.send === undefined) return;
  process.once('disconnect', () => process.exit(1));
  new Worker(WATCH, { eval: true, env: {}, stdin: false, workerData: process.ppid }).unref();
}
