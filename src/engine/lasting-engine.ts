/**
 * The engine that hosts hold: it outlives the workspace session behind it. A restore or a new key closes the workspace,
 * changes its files and opens it again while addresses, tokens and windows stay. Calls that arrive in between are told so.
 */
import { AppError, toWire } from '#base/errors';
import { contract } from '#contract/index';
import type { CallWatch } from './api/call-watch';
import type { Handlers } from './api/handlers';
import { createRouter } from './api/router';
import { createEngine, type Engine, type WorkspaceEngine } from './engine';
import type { Host, KeyStore } from './host';
import type { ClosedWorkspace, Session } from './session';
import { lockWorkspace } from './store/workspace-lock';

type Address = Parameters<Engine['publish']>[0];

/** Opens or creates the host's workspace. Errors: those of `openWorkspace`. */
export async function openEngine(host: Host): Promise<Engine> {
  const shutdownListeners: (() => void)[] = [];
  let address: Address | null = null;
  /** Null while the workspace is closed for a change. */
  let current: WorkspaceEngine | null = null;
  let isClosed = false;
  /** Replaces the host's keys where the key comes from outside and has changed since. */
  let changed: KeyStore | null = null;
  let changing: Promise<unknown> = Promise.resolve();

  async function start(): Promise<void> {
    const engine = await createEngine({ ...host, keys: changed ?? host.keys }, session);
    engine.onShutdown(() => {
      for (const listener of shutdownListeners) listener();
    });
    if (address !== null) engine.publish(address);
    current = engine;
  }

  async function change<T>(work: (closed: ClosedWorkspace) => Promise<T>): Promise<T> {
    const engine = present();
    const { keyring } = engine;
    current = null;
    await engine.close();
    try {
      const lock = lockWorkspace(host.workspace, host.now());
      try {
        return await work({
          folder: host.workspace,
          keyring,
          keys: host.keys,
          useKey(key) {
            const found = { key, source: 'environment' as const };
            changed = { read: async () => found, create: async () => found };
          },
        });
      } finally {
        lock.release();
      }
    } finally {
      await start().catch((error: unknown) => {
        host.log.error('The workspace could not be opened again.', { found: toWire(error).message });
        throw error;
      });
    }
  }

  const session: Session = {
    whileClosed(work) {
      const done = changing.then(() => change(work));
      changing = done.catch(() => {});
      return done;
    },
  };

  function present(): WorkspaceEngine {
    if (current !== null) return current;
    throw new AppError(
      'UNAVAILABLE',
      isClosed ? 'Sextant is closing.' : 'The workspace is closed for a restore or a new key. Try again in a moment.',
    );
  }

  await start();
  const handlers = relayed(() => present().handlers);
  const watch: CallWatch = {
    admit: (operation, meta) => present().watch.admit(operation, meta),
    // A call that closed the workspace is recorded in the one that was opened after it.
    record: (call) => current?.watch.record(call),
  };
  return {
    handlers,
    router: createRouter(handlers, host.log, watch),
    publish(next) {
      address = next;
      present().publish(next);
    },
    onShutdown: (listener) => void shutdownListeners.push(listener),
    async close() {
      isClosed = true;
      await changing;
      const engine = current;
      current = null;
      await engine?.close();
    },
  };
}

type AnyHandler = (input: unknown, context: unknown) => Promise<unknown>;

/** Handlers that ask, at each call, for those of now. */
function relayed(now: () => Handlers): Handlers {
  const relay = (noun: string, name: string): AnyHandler => {
    return async (input, context) => {
      const handler = Reflect.get(Reflect.get(now(), noun), name) as AnyHandler; // Handlers has every operation of the contract
      return handler(input, context);
    };
  };
  const nouns = Object.entries(contract).map(([noun, operations]) => [
    noun,
    Object.fromEntries(Object.keys(operations).map((name) => [name, relay(noun, name)])),
  ]);
  return Object.fromEntries(nouns) as Handlers; // made from the contract's own names
}
