/** Rows of `reports` and `report_files`, typed. Statements only. */
import type { Database } from '../store/database';

export interface ReportRow {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly run: string | null;
  readonly dataset: string;
  readonly job: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly request: string;
  /** Null where the run is gone or there is none. */
  readonly run_name: string | null;
  readonly status: string;
}

export interface FileRow {
  readonly report: string;
  readonly format: string;
  readonly filename: string;
  readonly hash: string;
  readonly bytes: number;
}

export type NewReport = Omit<ReportRow, 'run_name' | 'status'>;

export function createReportTable(database: Database) {
  const select = `SELECT reports.*, runs.name AS run_name, coalesce(jobs.status, 'succeeded') AS status
    FROM reports LEFT JOIN runs ON runs.id = reports.run LEFT JOIN jobs ON jobs.id = reports.job`;
  const newest = 'ORDER BY reports.created_at DESC, reports.id DESC';
  const byId = database.prepare<[string], ReportRow>(`${select} WHERE reports.id = ?`);
  const latest = database.prepare<[], ReportRow>(`${select} ${newest} LIMIT 1`);
  const page = database.prepare<[{ run: string | null; limit: number; offset: number }], ReportRow>(
    `${select} WHERE @run IS NULL OR reports.run = @run ${newest} LIMIT @limit OFFSET @offset`,
  );
  const count = database
    .prepare<[{ run: string | null }], number>('SELECT count(*) FROM reports WHERE @run IS NULL OR run = @run')
    .pluck();
  const insert = database.prepare<[NewReport]>(
    `INSERT INTO reports (id, kind, title, run, dataset, job, created_at, expires_at, request)
     VALUES (@id, @kind, @title, @run, @dataset, @job, @created_at, @expires_at, @request)`,
  );
  const retitle = database.prepare<[string, string]>('UPDATE reports SET title = ? WHERE id = ?');
  const insertFile = database.prepare<[FileRow]>(
    'INSERT INTO report_files (report, format, filename, hash, bytes) VALUES (@report, @format, @filename, @hash, @bytes)',
  );
  const files = database.prepare<[string], FileRow>('SELECT * FROM report_files WHERE report = ? ORDER BY format');
  const others = database.prepare<[string], number>('SELECT count(*) FROM referenced_objects WHERE hash = ?').pluck();
  const remove = database.prepare<[string], void>('DELETE FROM reports WHERE id = ?');
  const expired = database
    .prepare<[number], string>(
      `SELECT reports.id FROM reports LEFT JOIN jobs ON jobs.id = reports.job
       WHERE expires_at < ? AND coalesce(jobs.status, '') NOT IN ('queued', 'running')`,
    )
    .pluck();

  return {
    find: (ref: string): ReportRow | undefined => (ref === 'latest' ? latest.get() : byId.get(ref)),
    list: (filter: { run: string | null; limit: number; offset: number }) => ({
      rows: page.all(filter),
      total: count.get({ run: filter.run }) ?? 0,
    }),
    insert: (row: NewReport): void => void insert.run(row),
    retitle: (id: string, title: string): void => void retitle.run(title, id),
    insertFile: (row: FileRow): void => void insertFile.run(row),
    files: (report: string): FileRow[] => files.all(report),
    /** Whether any row still needs an object. */
    isReferenced: (hash: string): boolean => (others.get(hash) ?? 0) > 0,
    remove: (id: string): void => void remove.run(id),
    expired: (now: number): string[] => expired.all(now),
  };
}
