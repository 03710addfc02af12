/** A real engine on a fresh workspace, for tests: a fixed key, the product's own jobs, inline or in child processes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '#base/log';
import type { Client } from '#contract/client';
import { loadProductJob } from '#compute/job';
import { serveJob } from '#compute/serve-job';
import { createInlineClient } from '#engine/api/inline';
import type { Engine } from '#engine/engine';
import type { Host, KeyStore } from '#engine/host';
import { inlineLauncher } from '#engine/jobs/inline-worker';
import { openEngine } from '#engine/lasting-engine';

export interface TestHostOptions {
  /** What plays the sensor of the card; none unless given. */
  readonly nvidiaSmi?: Host['nvidiaSmi'];
  readonly workspace: string;
  readonly spawnWorker?: Host['spawnWorker'];
  readonly now?: () => number;
  readonly environment?: Host['environment'];
  readonly keys?: KeyStore;
}

export const TEST_ENGINE_KEY = new Uint8Array(32).fill(7);

export function createTestHost(options: TestHostOptions): Host {
  const { workspace, spawnWorker, now = Date.now, environment = {}, keys, nvidiaSmi } = options;
  return {
    kind: 'test',
    reason: null,
    workspace,
    keys: keys ?? {
      read: async () => ({ key: TEST_ENGINE_KEY, source: 'environment' }),
      create: async () => ({ key: TEST_ENGINE_KEY, source: 'environment' }),
    },
    spawnWorker: spawnWorker ?? inlineLauncher((port) => serveJob(port, loadProductJob)),
    log: silentLog,
    environment,
    now,
    ...(nvidiaSmi && { nvidiaSmi }),
    version: { app: '0.0.0-test', gitCommit: null, lockHash: 'test' },
  };
}

export interface TestEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly client: Client;
  readonly workspace: string;
  /** Waits until a job has ended and returns it. */
  finished(job: string): Promise<Awaited<ReturnType<Client['jobs']['show']>>>;
}

/** Opens an engine; without a workspace of the caller it makes one and removes it at the end. */
export async function openTestEngine(options: Partial<TestHostOptions> = {}): Promise<TestEngine> {
  const workspace = options.workspace ?? mkdtempSync(join(tmpdir(), 'sextant-engine-'));
  const engine = await openEngine(createTestHost({ ...options, workspace }));
  const client = createInlineClient(engine.router, 'test');
  return {
    engine,
    client,
    workspace,
    async finished(job) {
      for await (const event of await client.jobs.events({ job })) void event;
      return client.jobs.show({ job });
    },
    async [Symbol.asyncDispose]() {
      await engine.close();
      if (options.workspace === undefined) rmSync(workspace, { recursive: true, force: true });
    },
  };
}
