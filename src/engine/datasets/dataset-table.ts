/** Rows of `datasets`, `dataset_objects` and `rejects`, typed. Statements only; no rules. */
import type { Database } from '../store/database';
import type { PanelObject } from './panel-objects';

export interface DatasetRow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly content_hash: string;
  readonly created_at: number;
  readonly manifest: string;
  readonly quality: string;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
}

export interface RejectRow {
  readonly file: string;
  readonly line: number | null;
  readonly column_name: string | null;
  readonly reason: string;
  readonly text: string;
}

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

const COLUMNS = 'id, name, version, content_hash, created_at, manifest, quality, errors, warnings, infos';

export function createDatasetTable(database: Database) {
  const byId = database.prepare<[string], DatasetRow>(`SELECT ${COLUMNS} FROM datasets WHERE id = ?`);
  const latestOfName = database.prepare<[string], DatasetRow>(
    `SELECT ${COLUMNS} FROM datasets WHERE name = ? ORDER BY version DESC LIMIT 1`,
  );
  const latest = database.prepare<[], DatasetRow>(
    `SELECT ${COLUMNS} FROM datasets ORDER BY created_at DESC, id DESC LIMIT 1`,
  );
  const byNumber = database.prepare<[string, number], DatasetRow>(
    `SELECT ${COLUMNS} FROM datasets WHERE name = ? AND version = ?`,
  );
  const withContent = database.prepare<[string], DatasetRow>(
    `SELECT ${COLUMNS} FROM datasets WHERE content_hash = ? ORDER BY created_at DESC, id DESC LIMIT 1`,
  );
  const page = database.prepare<[number, number], DatasetRow>(
    `SELECT ${COLUMNS} FROM datasets ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?`,
  );
  const count = database.prepare<[], number>('SELECT count(*) FROM datasets').pluck();
  const insert = database.prepare<[DatasetRow & { job: string }]>(
    `INSERT INTO datasets (${COLUMNS}, job) VALUES (@id, @name, @version, @content_hash, @created_at, @manifest, @quality, @errors, @warnings, @infos, @job)`,
  );
  const insertObject = database.prepare<[string, string, string, number]>(
    'INSERT INTO dataset_objects (dataset, role, hash, bytes) VALUES (?, ?, ?, ?)',
  );
  const objectsOf = database.prepare<[string], PanelObject>(
    'SELECT role, hash, bytes FROM dataset_objects WHERE dataset = ?',
  );
  const insertReject = database.prepare<[string, number, string, number | null, string | null, string, string]>(
    'INSERT INTO rejects (dataset, seq, file, line, column_name, reason, text) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const rejectPage = database.prepare<[string, number, number], RejectRow>(
    'SELECT file, line, column_name, reason, text FROM rejects WHERE dataset = ? ORDER BY seq LIMIT ? OFFSET ?',
  );
  const rejectCount = database.prepare<[string], number>('SELECT count(*) FROM rejects WHERE dataset = ?').pluck();
  const users = database.prepare<[string], number>('SELECT count(*) FROM runs WHERE dataset = ?').pluck();
  const remove = database.prepare<[string]>('DELETE FROM datasets WHERE id = ?');
  const removeRejects = database.prepare<[string]>('DELETE FROM rejects WHERE dataset = ?');

  return {
    /** An identifier, a name (its newest version), `name@version` or `latest`. */
    find(ref: string): DatasetRow | undefined {
      const [, name, version] = /^(.+)@(\d{1,9})$/.exec(ref) ?? [];
      if (name !== undefined && version !== undefined) return byNumber.get(name, Number(version));
      return byId.get(ref) ?? latestOfName.get(ref) ?? (ref === 'latest' ? latest.get() : undefined);
    },
    withContent: (hash: string): DatasetRow | undefined => withContent.get(hash),
    list: ({ limit, offset }: Page) => ({ rows: page.all(limit, offset), total: count.get() ?? 0 }),
    nextVersion: (name: string): number => (latestOfName.get(name)?.version ?? 0) + 1,
    insert(row: DatasetRow & { job: string }, objects: readonly PanelObject[]): void {
      insert.run(row);
      for (const { role, hash, bytes } of objects) insertObject.run(row.id, role, hash, bytes);
    },
    objects: (id: string): readonly PanelObject[] => objectsOf.all(id),
    insertRejects(id: string, rejects: readonly RejectRow[]): void {
      removeRejects.run(id);
      rejects.forEach((row, seq) =>
        insertReject.run(id, seq, row.file, row.line, row.column_name, row.reason, row.text),
      );
    },
    rejects: (id: string, { limit, offset }: Page) => ({
      rows: rejectPage.all(id, limit, offset),
      total: rejectCount.get(id) ?? 0,
    }),
    runsOf: (id: string): number => users.get(id) ?? 0,
    remove(id: string): void {
      remove.run(id);
      removeRejects.run(id);
    },
  };
}
