/** A real queue on a real workspace whose jobs do what a test orders. Results are stored like those of the product: an object and a row. */
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { silentLog, type Log } from '#base/log';
import { serveJob } from '#compute/serve-job';
import type { JobKind } from '#contract/jobs';
import type { WorkerHandle } from '#engine/host';
import { inlineLauncher } from '#engine/jobs/inline-worker';
import { createQueue, type Queue, type QueueOptions } from '#engine/jobs/queue';
import type { Resource, Runner } from '#engine/jobs/runner';
import type { WireError } from '#base/errors';
import { findJob, type JobRow } from '#engine/store/jobs-table';
import { openWorkspace, type Workspace } from '#engine/store/workspace';
import { TEST_KEY } from './store-schemas';
import { loadTestJob, type Order } from './worker-jobs';

export interface TestQueue {
  readonly queue: Queue;
  readonly workspace: Workspace;
  /** Puts an order into the queue; 'run' jobs use the processor, 'report' jobs the GPU. */
  order(order: Order, kind?: JobKind): string;
  /** Hash of the stored result of a job; undefined where there is none. */
  resultOf(job: string): string | undefined;
  /** The stored row of a job. */
  find(job: string): JobRow;
  /** What the runners were told, in order. */
  readonly told: string[];
  close(): Promise<void>;
}

export interface TestQueueOptions {
  readonly folder: string;
  readonly spawnWorker?: () => WorkerHandle;
  readonly log?: Log;
  readonly times?: QueueOptions['times'];
  readonly slots?: QueueOptions['slots'];
  readonly card?: NonNullable<QueueOptions['card']>;
  readonly supervisor?: NonNullable<QueueOptions['supervisor']>;
  /** Told when something could not be stored for want of room. */
  readonly onFullDisk?: () => void;
  /** What 'report' jobs plan to hold on the card. */
  readonly vramBytes?: number;
  /** Runs inside the transaction that ends a job well. */
  onCommit?(job: JobRow): void;
}

export const inlineTestWorker = inlineLauncher((port) => serveJob(port, loadTestJob));

export async function openTestQueue(options: TestQueueOptions): Promise<TestQueue> {
  const {
    folder,
    spawnWorker = inlineTestWorker,
    log = silentLog,
    times,
    slots,
    card,
    supervisor,
    onFullDisk,
  } = options;
  const found = { key: TEST_KEY, source: 'environment' as const };
  const now = (): number => Date.now();
  const workspace = await openWorkspace({
    folder: join(folder, 'workspace'),
    keys: { read: async () => found, create: async () => found },
    log,
    now,
  });
  const { database, objects } = workspace;
  const told: string[] = [];

  function runner(resource: Resource): Runner {
    return {
      resource,
      vramBytes: () => options.vramBytes ?? 0,
      async prepare(job) {
        told.push(`prepare ${job.id}`);
        return { name: 'calc', input: job.payload };
      },
      async complete(job, result) {
        const { hash } = await objects.putObject([serialize(result)]);
        return () => {
          told.push(`complete ${job.id}`);
          options.onCommit?.(job);
          database
            .prepare('INSERT INTO uploads (id, name, hash, bytes, created_at) VALUES (?, ?, ?, 0, 0)')
            .run(job.id, job.title, hash);
        };
      },
      fail(job: JobRow, error: WireError) {
        told.push(`fail ${job.id} ${error.code}`);
      },
    };
  }

  const queue = createQueue({
    database,
    host: { spawnWorker, log, now },
    runners: { run: runner('cpu'), report: runner('gpu') },
    ...(times === undefined ? {} : { times }),
    ...(slots === undefined ? {} : { slots }),
    ...(card === undefined ? {} : { card }),
    ...(supervisor === undefined ? {} : { supervisor }),
    ...(onFullDisk === undefined ? {} : { onFullDisk }),
  });
  return {
    queue,
    workspace,
    told,
    order: (payload, kind = 'run') => queue.enqueue({ kind, subject: 'S', title: payload.do, payload }),
    resultOf: (job) => database.prepare<[string], string>('SELECT hash FROM uploads WHERE id = ?').pluck().get(job),
    find(job) {
      const row = findJob(database, job);
      if (row === null) throw new Error(`Expected a job ${job}; found none.`);
      return row;
    },
    async close() {
      await queue.close();
      workspace.close();
    },
  };
}
