/**
 * A host process with a queue: `node script.mjs FOLDER WORKER [ORDER]`. It opens the workspace (which is recovery), puts
 * the order into the queue, follows every job, and says what happens until all have ended.
 */
import { writeSync } from 'node:fs';
import { childProcessLauncher } from '#headless/child-process-worker';
import { silentLog } from '#base/log';
import { listJobs } from '#engine/store/jobs-table';
import { openTestQueue } from './test-queue';

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

const [folder, worker, order] = process.argv.slice(2);
const spawn = childProcessLauncher({ entry: worker, log: silentLog });
const host = await openTestQueue({
  folder,
  spawnWorker() {
    const handle = spawn();
    say(`worker ${handle.pid}`);
    return handle;
  },
});
if (order !== undefined) say(`job ${host.order(JSON.parse(order))}`);

async function follow(job: string): Promise<void> {
  for await (const event of host.queue.events(job, 0)) {
    if (event.type === 'progress') say(`step ${event.progress.step}`);
    else if (event.type === 'status') say(`status ${event.status}`);
  }
  say(`result ${host.resultOf(job)}`);
}

await Promise.all(listJobs(host.workspace.database, { limit: 100, offset: 0 }).jobs.map(({ id }) => follow(id)));
await host.close();
say('closed');
