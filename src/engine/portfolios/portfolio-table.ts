/** Rows of `portfolios`, typed. A portfolio is written once, with the run that made it. */
import type { Database } from '../store/database';

export interface PortfolioRow {
  readonly id: string;
  readonly run: string;
  readonly strategy: string;
  readonly created_at: number;
  readonly decided_on: string;
  readonly fill_on: string;
  readonly document: string;
  readonly run_name: string;
}

export function createPortfolioTable(database: Database) {
  const select = 'SELECT portfolios.*, runs.name AS run_name FROM portfolios JOIN runs ON runs.id = portfolios.run';
  const byId = database.prepare<[string], PortfolioRow>(`${select} WHERE portfolios.id = ?`);
  const byRun = database.prepare<[string, string], PortfolioRow>(`${select} WHERE runs.id = ? OR runs.name = ?`);
  const latest = database.prepare<[], PortfolioRow>(
    `${select} ORDER BY portfolios.created_at DESC, portfolios.id DESC LIMIT 1`,
  );
  const page = database.prepare<[number, number], PortfolioRow>(
    `${select} ORDER BY portfolios.created_at DESC, portfolios.id DESC LIMIT ? OFFSET ?`,
  );
  const count = database.prepare<[], number>('SELECT count(*) FROM portfolios').pluck();
  const insert = database.prepare<[Omit<PortfolioRow, 'run_name'>]>(
    `INSERT INTO portfolios (id, run, strategy, created_at, decided_on, fill_on, document)
     VALUES (@id, @run, @strategy, @created_at, @decided_on, @fill_on, @document)`,
  );

  return {
    /** A portfolio's identifier, the identifier or name of its run, or `latest`. */
    find: (ref: string): PortfolioRow | undefined =>
      ref === 'latest' ? latest.get() : (byId.get(ref) ?? byRun.get(ref, ref)),
    list: (limit: number, offset: number) => ({ rows: page.all(limit, offset), total: count.get() ?? 0 }),
    insert: (row: Omit<PortfolioRow, 'run_name'>): void => void insert.run(row),
  };
}
export type PortfolioTable = ReturnType<typeof createPortfolioTable>;
