/**
 * The privacy configuration in force, and what holds it: outgoing connections, export control, retention, erasure. The configuration is
 * stored in the workspace; without one the strict defaults of the contract hold.
 */
import { AppError } from '#base/errors';
import { privacyConfigSchema, type PrivacyConfig } from '#contract/privacy';
import type { AuditLog } from '../audit/audit-log';
import { inTransaction, type Database } from '../store/database';
import { createAccessLog, type AccessLog } from './access-log';
import { guardConnections, type Destination } from './connection-guard';
import { createRetention, type RetainedFiles, type Retention } from './retention';

export interface StoredConnection {
  readonly seq: number;
  /** UTC milliseconds. */
  readonly at: number;
  readonly host: string;
  readonly port: number;
  readonly outcome: 'refused' | 'allowed';
  readonly purpose: string;
}

export interface PrivacyService {
  readonly accesses: AccessLog;
  readonly retention: Retention;
  config(): PrivacyConfig;
  configure(config: PrivacyConfig): PrivacyConfig;
  connections(page: { readonly limit: number; readonly offset: number }): {
    readonly rows: readonly StoredConnection[];
    readonly total: number;
  };
  /** Asked before the name of another machine is looked up. Errors: FORBIDDEN; then it is in the network log. */
  admit(destination: Destination, purpose: string): void;
  /** Errors: FORBIDDEN where exports are switched off. */
  requireExport(what: string): void;
  close(): void;
}

const SETTING = 'privacy';

export interface PrivacyOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  /** What is kept outside of the database. */
  readonly files: RetainedFiles;
  now(): number;
  /** False for a day after the clock leapt while this host ran. */
  clockTrusted(): boolean;
}

export function createPrivacyService({ database, audit, files, now, clockTrusted }: PrivacyOptions): PrivacyService {
  const read = database.prepare<[string], string>('SELECT value FROM settings WHERE name = ?').pluck();
  const write = database.prepare<[string, string, number]>(
    `INSERT INTO settings (name, value, updated_at) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
  );
  const insert = database.prepare<[number, string, number, string, string]>(
    'INSERT INTO connections (at, host, port, outcome, purpose) VALUES (?, ?, ?, ?, ?)',
  );
  const page = database.prepare<[number, number], StoredConnection>(
    'SELECT * FROM connections ORDER BY seq DESC LIMIT ? OFFSET ?',
  );
  const count = database.prepare<[], number>('SELECT count(*) FROM connections').pluck();
  let current = privacyConfigSchema.parse(JSON.parse(read.get(SETTING) ?? '{}'));
  const accesses = createAccessLog(database, now);
  const release = guardConnections(judge);

  const isAllowed = (host: string): boolean => !current.localOnly && current.allowedHosts.includes(host.toLowerCase());

  function note({ host, port }: Destination, outcome: StoredConnection['outcome'], purpose: string): void {
    insert.run(now(), host, Number.isInteger(port) ? port : 0, outcome, purpose);
  }

  function judge(destination: Destination): boolean {
    const allowed = isAllowed(destination.host);
    note(destination, allowed ? 'allowed' : 'refused', 'outgoing');
    return allowed;
  }

  function admit(destination: Destination, purpose: string): void {
    if (isAllowed(destination.host)) return; // noted when it is opened
    note(destination, 'refused', purpose);
    throw new AppError(
      'FORBIDDEN',
      `Expected a host that the privacy configuration allows, found ${destination.host}. Nothing was sent. ` +
        (current.localOnly ? 'Sextant is local only.' : 'Name the host there to allow it.'),
      { data: { host: destination.host, port: destination.port } },
    );
  }

  return {
    accesses: {
      list: accesses.list,
      flush: accesses.flush,
      append: (access) => {
        if (current.accessLog) accesses.append(access);
      },
    },
    retention: createRetention({ database, audit, files, config: () => current, now, clockTrusted }),
    config: () => current,
    configure(config) {
      const next = { ...config, allowedHosts: config.allowedHosts.map((host) => host.toLowerCase()) };
      inTransaction(database, () => {
        write.run(SETTING, JSON.stringify(next), now());
        audit.append({
          actor: 'user',
          action: 'setting.changed',
          object: SETTING,
          detail: { before: current, after: next },
        });
      });
      current = next;
      return current;
    },
    connections: ({ limit, offset }) => ({ rows: page.all(limit, offset), total: count.get() ?? 0 }),
    admit,
    requireExport(what) {
      if (current.exports) return;
      throw new AppError(
        'FORBIDDEN',
        `Expected exports to be allowed for ${what}, found them switched off in the privacy configuration. Switch them on in Settings → Privacy.`,
      );
    },
    close: release,
  };
}
