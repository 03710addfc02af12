/**
 * A child that was forked by Node ends with its parent, even while its own event loop is blocked by a computation:
 * the channel's end is enough for an idle loop, and a small thread watches the parent process for the busy one.
 * Electron ends its utility processes itself, so there the watch is not started.
 */
import { Worker } from 'node:worker_threads';

const WATCH_MS = 500;

/** Runs in the thread. A dead parent shows as a changed parent id (POSIX) or as an id that no longer exists (Windows). */
const WATCH = `
const parent = process.ppid;
setInterval(() => {
  let alive = process.ppid === parent;
  if (alive) try { process.kill(parent, 0); } catch (error) { alive = error.code === 'EPERM'; }
  if (!alive) process.kill(process.pid, 'SIGKILL');
}, ${WATCH_MS});
`;

export function dieWithParent(): void {
  if (process.send === undefined) return;
  process.once('disconnect', () => process.exit(1));
  new Worker(WATCH, { eval: true, env: {}, stdin: false }).unref();
}
