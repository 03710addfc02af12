/**
 * The engine of a workspace whose database is damaged: it changes nothing, answers every call with what is wrong, and does
 * what helps: lists and verifies backups, restores one, saves what can still be read. No new database is ever made.
 */
import { join } from 'node:path';
import { AppError } from '#base/errors';
import { apiConfigSchema } from '#contract/api';
import { HEALTH_COMPONENTS, type Health } from '#contract/health';
import { contract } from '#contract/index';
import type { Handlers } from './api/handlers';
import { createRouter } from './api/router';
import { backupFolder, backupIds, backupsFolder, keysOf, readManifest, toBackup } from './backups/backup-folder';
import { INTERVAL_MINUTES } from './backups/backup-service';
import { restoreBackup } from './backups/restore-backup';
import { salvage } from './backups/salvage';
import { verifyFolder } from './backups/verify-backup';
import type { WorkspaceEngine } from './engine';
import { createChangeFeed } from './events';
import type { Host } from './host';
import type { Observation } from './logs/observation';
import type { Metrics } from './metrics/metrics';
import { STORE_UP } from './metrics/workspace-metrics';
import type { Session } from './session';
import { openReadOnly } from './store/database';
import type { Keyring } from './store/keyring';
import { readRetiredKeys } from './store/retired-keys';
import { lockWorkspace } from './store/workspace-lock';
import { metricsDocument } from './system/handlers';

/** @param damage what opening said. Errors: WORKSPACE_LOCKED, WRONG_KEY. */
export async function createDamagedEngine(
  host: Host,
  session: Session,
  damage: AppError,
  metrics: Metrics,
  observation: Observation,
): Promise<WorkspaceEngine> {
  const folder = host.workspace;
  const found = await host.keys.read();
  if (found === null) throw damage;
  const lock = lockWorkspace(folder, host.now());
  const keyring: Keyring = { current: found.key, retired: retiredKeys(folder, found.key) };
  observation.open({ keyring }, false);
  const listeners: (() => void)[] = [];
  const since = new Date(host.now()).toISOString();
  const changes = createChangeFeed();
  const refusal = new AppError(
    'WORKSPACE_DAMAGED',
    `${damage.message} Sextant changes nothing in this state. Restore a backup (sextant backups list, sextant backups restore), or save what can be read first (sextant backups salvage).`,
    { data: damage.data ?? {} },
  );

  function list() {
    return backupIds(folder).flatMap((id) => {
      try {
        return [toBackup(readManifest(backupFolder(folder, id), keysOf(keyring)).manifest)];
      } catch {
        return []; // no backup; the list says only what would help
      }
    });
  }

  const find = (backup: string): string => backupFolder(folder, backup === 'latest' ? (list()[0]?.id ?? '-') : backup);

  const helping = {
    system: {
      health: async () => damagedHealth(damage, since),
      metrics: async () => metricsDocument(await metrics.text()),
      changes: async ({ after }, { signal }) => changes.follow(after, signal),
      shutdown: async () => {
        setImmediate(() => {
          for (const listener of listeners) listener();
        });
        return { stopping: true as const };
      },
    },
    logs: observation.handlers.logs,
    backups: {
      list: async () => ({
        folder: backupsFolder(folder),
        backups: list(),
        problem: refusal.message,
        lastDrill: null,
        intervalMinutes: INTERVAL_MINUTES,
      }),
      verify: async ({ backup }) => {
        const started = performance.now();
        const { id, objects, rows } = toBackup(await verifyFolder(find(backup), keyring, { contents: 'all' }));
        return { backup: id, objects, rows, seconds: (performance.now() - started) / 1000 };
      },
      restore: async ({ backup }) => {
        const path = find(backup);
        await verifyFolder(path, keyring, { contents: 'all' });
        return session.whileClosed(async () => {
          const { manifest, setAside } = await restoreBackup({ folder, backup: path, keyring, now: host.now() });
          return { backup: manifest.id, createdAt: manifest.createdAt, setAside };
        });
      },
      salvage: async () => {
        const { manifest, tables } = await salvage({ folder, keyring, appVersion: host.version.app, now: host.now() });
        return { backup: toBackup(manifest), tables };
      },
    },
  } satisfies Helping;

  const measured = metrics.during();
  measured.read({ ...STORE_UP, read: (set) => set({}, 0) });

  const handlers = refusingAllBut(helping, refusal);
  const watch = { admit: () => {}, record: () => {} };
  return {
    handlers,
    folder,
    watch,
    keyring,
    tokens: { all: () => [], keepOnly: () => 0 },
    idempotency: {
      begin: () => {
        throw refusal;
      },
      finish: () => {},
      release: () => {},
    },
    signals: {
      receive: () => {
        throw refusal;
      },
    },
    apiConfig: () => apiConfigSchema.parse({}),
    router: createRouter(handlers, host.log, watch),
    publish: (address) => lock.publish(address),
    onShutdown: (listener) => void listeners.push(listener),
    metrics,
    onCall: () => {},
    async close() {
      measured.close();
      observation.close();
      lock.release();
    },
  };
}

function damagedHealth(damage: AppError, since: string): Health {
  return {
    status: 'failing',
    store: 'failed',
    runningJobs: 0,
    components: [
      {
        component: 'store',
        title: HEALTH_COMPONENTS.store,
        state: 'failing',
        since,
        detail: damage.message,
        action: 'Restore a backup: sextant backups list, sextant backups restore.',
      },
    ],
  };
}

type Helping = { readonly [Noun in keyof Handlers]?: Partial<Handlers[Noun]> };

function refusingAllBut(helping: Helping, refusal: AppError): Handlers {
  const nouns = Object.entries(contract).map(([noun, operations]) => {
    const helps: unknown = Reflect.get(helping, noun);
    const handlers = Object.keys(operations).map((name) => {
      const helper: unknown = typeof helps === 'object' && helps !== null ? Reflect.get(helps, name) : undefined;
      return [name, helper ?? (() => Promise.reject(refusal))];
    });
    return [noun, Object.fromEntries(handlers)];
  });
  return Object.fromEntries(nouns) as Handlers; // made from the contract's own names
}

/** What the database still tells of earlier keys. */
function retiredKeys(folder: string, key: Uint8Array): Uint8Array[] {
  try {
    const database = openReadOnly({ file: join(folder, 'workspace.db'), key });
    try {
      return readRetiredKeys(database);
    } finally {
      database.close();
    }
  } catch {
    return [];
  }
}
