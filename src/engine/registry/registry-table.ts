/** Rows of the registry, typed. Statements only; who may become what is the service's business. */
import type { Database } from '../store/database';

export interface NewVersion {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly run: string;
  readonly created_at: number;
  readonly artifact: string;
  readonly bytes: number;
  readonly card: string;
}

export interface VersionRow extends NewVersion {
  readonly run_name: string;
  readonly headline: string | null;
  /** Status of the run's newest leakage audit. */
  readonly leakage: string | null;
  /** Aliases as a JSON list. */
  readonly aliases: string;
  /** Whether it was champion once. */
  readonly was_champion: number;
  /** Document of the newest gate. */
  readonly gate: string | null;
}

export interface EventRow {
  readonly at: number;
  readonly actor: string;
  readonly name: string;
  readonly action: string;
  readonly alias: string | null;
  readonly from_version: string | null;
  readonly to_version: string | null;
  readonly reason: string;
}

const SELECT = `
  SELECT v.*, runs.name AS run_name, runs.headline,
    (SELECT status FROM audits WHERE audits.run = v.run ORDER BY created_at DESC, job DESC LIMIT 1) AS leakage,
    (SELECT json_group_array(alias) FROM registry_aliases AS a WHERE a.version = v.id) AS aliases,
    EXISTS (SELECT 1 FROM registry_events AS e WHERE e.to_version = v.id AND e.action = 'promoted') AS was_champion,
    (SELECT document FROM registry_gates AS g WHERE g.version = v.id ORDER BY at DESC, job DESC LIMIT 1) AS gate
  FROM registry_versions AS v JOIN runs ON runs.id = v.run`;

export function createRegistryTable(database: Database) {
  const byId = database.prepare<[string], VersionRow>(`${SELECT} WHERE v.id = ?`);
  const byNumber = database.prepare<[string, number], VersionRow>(`${SELECT} WHERE v.name = ? AND v.version = ?`);
  const byAlias = database.prepare<[string, string], VersionRow>(
    `${SELECT} JOIN registry_aliases AS chosen ON chosen.version = v.id WHERE chosen.name = ? AND chosen.alias = ?`,
  );
  const newest = database.prepare<[string], VersionRow>(`${SELECT} WHERE v.name = ? ORDER BY v.version DESC LIMIT 1`);
  const ofRun = database.prepare<[string, string], VersionRow>(`${SELECT} WHERE v.name = ? AND v.run = ?`);
  const all = database.prepare<[string | null, string | null], VersionRow>(
    `${SELECT} WHERE (? IS NULL OR v.name = ?) ORDER BY v.created_at DESC, v.id DESC`,
  );
  const insert = database.prepare<[NewVersion]>(
    `INSERT INTO registry_versions (id, name, version, run, created_at, artifact, bytes, card)
     VALUES (@id, @name, @version, @run, @created_at, @artifact, @bytes, @card)`,
  );
  const setAlias = database.prepare<[string, string, string]>(
    'INSERT INTO registry_aliases (name, alias, version) VALUES (?, ?, ?) ON CONFLICT (name, alias) DO UPDATE SET version = excluded.version',
  );
  const dropAlias = database.prepare<[string, string]>('DELETE FROM registry_aliases WHERE name = ? AND alias = ?');
  const insertEvent = database.prepare<[EventRow]>(
    `INSERT INTO registry_events (at, actor, name, action, alias, from_version, to_version, reason)
     VALUES (@at, @actor, @name, @action, @alias, @from_version, @to_version, @reason)`,
  );
  const events = database.prepare<[string], EventRow>(
    'SELECT * FROM registry_events WHERE name = ? ORDER BY seq DESC LIMIT 200',
  );
  const promotion = database.prepare<[string], EventRow>(
    `SELECT * FROM registry_events WHERE to_version = ? AND action = 'promoted' ORDER BY seq DESC LIMIT 1`,
  );
  const insertGate = database.prepare<[string, string, number, string]>(
    'INSERT INTO registry_gates (job, version, at, document) VALUES (?, ?, ?, ?)',
  );
  const setting = database.prepare<[], string>(`SELECT value FROM settings WHERE name = 'promotion-policy'`).pluck();
  const setSetting = database.prepare<[string, number]>(
    `INSERT INTO settings (name, value, updated_at) VALUES ('promotion-policy', ?, ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
  );
  const tried = database
    .prepare<[string, number], string>(
      `SELECT id FROM (SELECT id, created_at, row_number() OVER (PARTITION BY json_extract(provenance, '$.identity') ORDER BY created_at) AS nth
         FROM runs WHERE sealed_at IS NOT NULL AND json_extract(provenance, '$.datasetHash') = ?)
       WHERE nth = 1 ORDER BY created_at DESC, id DESC LIMIT ?`,
    )
    .pluck();

  return {
    byId: (id: string): VersionRow | undefined => byId.get(id),
    byNumber: (name: string, version: number): VersionRow | undefined => byNumber.get(name, version),
    byAlias: (name: string, alias: string): VersionRow | undefined => byAlias.get(name, alias),
    newest: (name: string): VersionRow | undefined => newest.get(name),
    ofRun: (name: string, run: string): VersionRow | undefined => ofRun.get(name, run),
    all: (name: string | null): VersionRow[] => all.all(name, name),
    insert: (row: NewVersion): void => void insert.run(row),
    setAlias: (name: string, alias: string, version: string): void => void setAlias.run(name, alias, version),
    dropAlias: (name: string, alias: string): void => void dropAlias.run(name, alias),
    insertEvent: (row: EventRow): void => void insertEvent.run(row),
    events: (name: string): EventRow[] => events.all(name),
    /** The move that made a version champion most recently. */
    promotionOf: (version: string): EventRow | undefined => promotion.get(version),
    insertGate: (job: string, version: string, at: number, document: string): void =>
      void insertGate.run(job, version, at, document),
    policy: (): string => setting.get() ?? '{}',
    setPolicy: (value: string, at: number): void => void setSetting.run(value, at),
    /** Finished runs on data of this content, one per identity, newest first. */
    triedOn: (datasetHash: string, most: number): string[] => tried.all(datasetHash, most),
  };
}
export type RegistryTable = ReturnType<typeof createRegistryTable>;
