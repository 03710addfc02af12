/**
 * How a command reaches the engine: attached to the host that owns the workspace, or with the engine in this process.
 * One writer per workspace, always; which of the two it is makes no difference to the answers.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#base/errors';
import type { Log } from '#base/log';
import type { Client } from '#contract/client';
import { attachToHost } from './attach';
import type { Terminal } from './terminal';

export interface Session {
  readonly client: Client;
  /** Address of the host that was attached to; null with the engine in this process. */
  readonly url: string | null;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly workspace: string;
  readonly workerEntry: string;
  readonly terminal: Terminal;
  readonly log: Log;
}

/** A workspace that is locked but has no address yet may be starting, or in the hands of another short command. */
const LOCKED_PATIENCE_MS = 3_000;

/** Errors: WORKSPACE_LOCKED and everything that opening a workspace can say. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const deadline = performance.now() + LOCKED_PATIENCE_MS;
  for (;;) {
    const attached = await attachToHost(options.workspace);
    if (attached !== null) {
      options.log.info('Attached to the running Sextant.', { url: attached.url });
      return { client: attached.client, url: attached.url, close: () => Promise.resolve() };
    }
    try {
      return await openInline(options);
    } catch (error) {
      const locked = error instanceof AppError && error.code === 'WORKSPACE_LOCKED';
      if (!locked || performance.now() > deadline) throw error;
      await wait(100);
    }
  }
}

async function openInline({ workspace, workerEntry, terminal, log }: SessionOptions): Promise<Session> {
  const [{ openEngine }, { createInlineClient }, { createHeadlessHost }] = await Promise.all([
    import('#engine/lasting-engine'),
    import('#engine/api/inline'),
    import('./headless-host'),
  ]);
  const engine = await openEngine(await createHeadlessHost({ workspace, workerEntry, terminal, log, reason: null }));
  return { client: createInlineClient(engine.router, 'command-line'), url: null, close: () => engine.close() };
}
