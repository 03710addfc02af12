/** Rows of `models`, typed. A model is written once, with the run that fitted it. */
import type { Database } from '../store/database';

export interface ModelRow {
  readonly id: string;
  readonly name: string;
  readonly run: string;
  readonly strategy: string;
  readonly created_at: number;
  readonly cutoff: string;
  readonly hash: string;
  readonly bytes: number;
  readonly seal: string;
  readonly manifest: string;
  readonly run_name: string;
}

export function createModelTable(database: Database) {
  const select = 'SELECT models.*, runs.name AS run_name FROM models JOIN runs ON runs.id = models.run';
  const order = 'ORDER BY models.created_at DESC, models.id DESC';
  const byId = database.prepare<[string, string], ModelRow>(`${select} WHERE models.id = ? OR models.name = ?`);
  const latest = database.prepare<[], ModelRow>(`${select} ${order} LIMIT 1`);
  const page = database.prepare<[string | null, string | null, number, number], ModelRow>(
    `${select} WHERE (? IS NULL OR models.run = ?) ${order} LIMIT ? OFFSET ?`,
  );
  const count = database
    .prepare<[string | null, string | null], number>('SELECT count(*) FROM models WHERE ? IS NULL OR run = ?')
    .pluck();
  const insert = database.prepare<[Omit<ModelRow, 'run_name'>]>(
    `INSERT INTO models (id, name, run, strategy, created_at, cutoff, hash, bytes, seal, manifest)
     VALUES (@id, @name, @run, @strategy, @created_at, @cutoff, @hash, @bytes, @seal, @manifest)`,
  );

  return {
    /** An identifier, a name or `latest`. */
    find: (ref: string): ModelRow | undefined => (ref === 'latest' ? latest.get() : byId.get(ref, ref)),
    list: (run: string | null, limit: number, offset: number) => ({
      rows: page.all(run, run, limit, offset),
      total: count.get(run, run) ?? 0,
    }),
    insert: (row: Omit<ModelRow, 'run_name'>): void => void insert.run(row),
  };
}
export type ModelTable = ReturnType<typeof createModelTable>;
