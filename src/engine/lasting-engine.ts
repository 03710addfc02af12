/**
 * The engine that hosts hold: it outlives the workspace session behind it. A restore or a new key closes the workspace,
 * changes its files and opens it again while addresses, tokens and windows stay. Calls that arrive in between are told so.
 */
import { join } from 'node:path';
import { AppError, toWire } from '#base/errors';
import { apiConfigSchema } from '#contract/api';
import { contract } from '#contract/index';
import type { CallWatch } from './api/call-watch';
import type { Handlers } from './api/handlers';
import type { TokenRecord } from './api/tokens';
import { createRouter } from './api/router';
import { createDamagedEngine } from './damaged-engine';
import { createEngine, type Engine, type WorkspaceEngine } from './engine';
import type { Host, KeyStore } from './host';
import { createObservation, type Observation } from './logs/observation';
import { createCallMeter, type CallMeter } from './metrics/call-metrics';
import { createMetrics, type Metrics } from './metrics/metrics';
import { meterProcess, meterWorkers } from './metrics/process-metrics';
import type { ClosedWorkspace, Session } from './session';
import { borrowWorkspace, isReadOnlyWorkspace } from './store/borrow-workspace';
import { openUnchecked } from './store/database';
import { asStoreError, errorCodeOf, isDamage } from './store/store-error';
import { lockWorkspace } from './store/workspace-lock';

type Address = Parameters<Engine['publish']>[0];

/**
 * Opens or creates the host's workspace; one that cannot be written is shown from a copy of its database.
 * Errors: those of `openWorkspace` and `borrowWorkspace`.
 */
export async function openEngine(given: Host): Promise<Engine> {
  if (!isReadOnlyWorkspace(given.workspace)) return openLastingEngine(given);
  const { folder, giveBack } = borrowWorkspace(given.workspace);
  given.log.warn('The workspace cannot be written; it is shown read-only.', { folder: given.workspace });
  try {
    const engine = await openLastingEngine({ ...given, workspace: folder, shows: given.workspace });
    return { ...engine, close: () => engine.close().finally(giveBack) };
  } catch (error) {
    giveBack();
    throw error;
  }
}

async function openLastingEngine(given: Host): Promise<Engine> {
  const metrics = createMetrics(given.log);
  const stopMetering = meterProcess(metrics, given.version, given.kind);
  const observation = createObservation(given);
  const host = { ...meterWorkers(given, metrics), log: observation.log('engine') };
  const shutdownListeners: (() => void)[] = [];
  let address: Address | null = null;
  /** Null while the workspace is closed for a change. */
  let current: WorkspaceEngine | null = null;
  /** The tokens of the last session: callers are known while the workspace is closed, and no restore revives a revoked one. */
  let known: readonly TokenRecord[] = [];
  let isClosed = false;
  /** Replaces the host's keys where the key comes from outside and has changed since. */
  let changed: KeyStore | null = null;
  /** What a look at the database found, after a call had met damage. */
  let damage: AppError | null = null;
  let changing: Promise<unknown> = Promise.resolve();
  let config = apiConfigSchema.parse({});

  async function start(): Promise<void> {
    const keyed = { ...host, keys: changed ?? host.keys };
    const engine =
      damage === null
        ? await openOrExplain(keyed, session, metrics, observation)
        : await createDamagedEngine(keyed, session, damage, metrics, observation);
    engine.onShutdown(() => {
      for (const listener of shutdownListeners) listener();
    });
    if (address !== null) engine.publish(address);
    current = engine;
  }

  async function change<T>(work: (closed: ClosedWorkspace) => Promise<T>): Promise<T> {
    const engine = present();
    const { keyring } = engine;
    if (damage === null) known = [...engine.tokens.all()];
    current = null;
    damage = null;
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
      const revoked = damage === null ? present().tokens.keepOnly(known) : 0;
      if (revoked > 0)
        host.log.warn('Tokens of the restored state that did not stand before were revoked.', { revoked });
    }
  }

  const session: Session = {
    whileClosed(work) {
      const done = changing.then(() => change(work));
      changing = done.catch(() => {});
      return done;
    },
  };

  /** A call met damage: the database is closed and read from end to end before anything is believed. */
  function examine(): void {
    if (damage !== null || isClosed) return;
    void session
      .whileClosed(async ({ folder, keyring }) => {
        damage = findDamage(folder, keyring.current);
      })
      .catch((error: unknown) =>
        host.log.error('The workspace could not be examined.', { found: toWire(error).message }),
      );
  }

  function present(): WorkspaceEngine {
    if (current !== null) return current;
    throw new AppError(
      'UNAVAILABLE',
      isClosed ? 'Sextant is closing.' : 'The workspace is closed for a restore or a new key. Try again in a moment.',
    );
  }

  await start();
  const handlers = relayed(() => present().handlers, examine);
  const watch: CallWatch = {
    admit: (operation, meta) => present().watch.admit(operation, meta),
    // A call that closed the workspace is recorded in the one that was opened after it.
    record: (call) => current?.watch.record(call),
  };
  const meterCall = createCallMeter(metrics);
  const meter: CallMeter = (call) => {
    meterCall(call);
    current?.onCall(call);
  };
  return {
    handlers,
    folder: host.workspace,
    observation,
    router: createRouter(handlers, host.log, watch, meter, observation.tracing),
    metrics,
    tokens: { all: () => current?.tokens.all() ?? known },
    idempotency: {
      begin: (request) => present().idempotency.begin(request),
      finish: (...answer) => present().idempotency.finish(...answer),
      release: (request) => present().idempotency.release(request),
    },
    signals: { receive: (...given) => present().signals.receive(...given) },
    apiConfig: () => (config = current?.apiConfig() ?? config),
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
      stopMetering();
    },
  };
}

/**
 * An error while reading looks like damage, so it is believed only when everything was opened anew and said it again.
 * The engine of a damaged workspace then takes the place of the usual one.
 */
async function openOrExplain(
  host: Host,
  session: Session,
  metrics: Metrics,
  observation: Observation,
): Promise<WorkspaceEngine> {
  try {
    return await createEngine(host, session, metrics, observation);
  } catch (first) {
    if (!isDamaged(first)) throw first;
    host.log.warn('The workspace seems to be damaged; it is opened once more.', { found: first.message });
  }
  try {
    return await createEngine(host, session, metrics, observation);
  } catch (second) {
    // A copy that is only shown is not repaired: the original is.
    if (!isDamaged(second) || host.shows !== undefined) throw second;
    host.log.error('The workspace is damaged. Nothing is changed until a backup is restored.', {
      found: second.message,
    });
    return createDamagedEngine(host, session, second, metrics, observation);
  }
}

/**
 * Damage, or a disk that did not write: after a failed fsync nobody knows what is on it, so nothing is tried again with
 * the same connection (Rebello et al., "Can applications recover from fsync failures?", USENIX ATC 2020).
 */
function isSuspicious(error: unknown): boolean {
  const cause: unknown = error instanceof AppError ? error.cause : error;
  return isDamage(cause) || errorCodeOf(cause).startsWith('SQLITE_IOERR');
}

/** Reads every page. Null where nothing is wrong, so that what was met was an accident of reading. */
function findDamage(folder: string, key: Uint8Array): AppError | null {
  try {
    const database = openUnchecked({ file: join(folder, 'workspace.db'), key });
    try {
      const found = String(database.pragma('quick_check', { simple: true }));
      if (found === 'ok') return null;
      return new AppError('WORKSPACE_DAMAGED', `Expected the workspace database to be intact; found: ${found}.`);
    } finally {
      database.close();
    }
  } catch (error) {
    const known = asStoreError(error, 'the workspace database');
    if (isDamaged(known)) return known;
    throw known;
  }
}

function isDamaged(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'WORKSPACE_DAMAGED';
}

type AnyHandler = (input: unknown, context: unknown) => Promise<unknown>;

/** Handlers that ask, at each call, for those of now. */
function relayed(now: () => Handlers, onDamage: () => void): Handlers {
  const relay = (noun: string, name: string): AnyHandler => {
    return async (input, context) => {
      const handler = Reflect.get(Reflect.get(now(), noun), name) as AnyHandler; // Handlers has every operation of the contract
      try {
        return await handler(input, context);
      } catch (error) {
        if (isSuspicious(error)) onDamage();
        throw error;
      }
    };
  };
  const nouns = Object.entries(contract).map(([noun, operations]) => [
    noun,
    Object.fromEntries(Object.keys(operations).map((name) => [name, relay(noun, name)])),
  ]);
  return Object.fromEntries(nouns) as Handlers; // made from the contract's own names
}
