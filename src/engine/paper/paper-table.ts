/** Rows of `paper_fills` and `paper_evaluations`, typed: written once, never changed. */
import { z } from 'zod';
import { canonicalJson } from '#base/canonical-json';
import type { Database } from '../store/database';
import { createUlid } from '../store/ulid';

export const fillSchema = z.object({
  portfolio: z.string(),
  filledOn: z.string(),
  trades: z.number(),
  cost: z.number(),
  /** After costs. */
  netAssetValue: z.number(),
  cash: z.number(),
  holdings: z.array(z.object({ asset: z.string(), shares: z.number() })),
});
export type Fill = z.infer<typeof fillSchema>;

interface FillRow {
  readonly account: string;
  readonly document: string;
}

export function createPaperTable(database: Database) {
  const last = database
    .prepare<[string], string>(
      'SELECT document FROM paper_fills WHERE account = ? ORDER BY filled_on DESC, id DESC LIMIT 1',
    )
    .pluck();
  const known = database
    .prepare<[string, string], number>('SELECT count(*) FROM paper_fills WHERE account = ? AND portfolio = ?')
    .pluck();
  const ofRun = database.prepare<[string, number], FillRow>(
    `SELECT account, document FROM paper_fills
     WHERE portfolio IN (SELECT id FROM portfolios WHERE run = ?) AND created_at <= ?
     ORDER BY filled_on DESC, id DESC LIMIT 1`,
  );
  const after = database
    .prepare<[string, string], string | null>(
      'SELECT min(filled_on) FROM paper_fills WHERE account = ? AND filled_on > ?',
    )
    .pluck();
  const insertFill = database.prepare<[string, string, string, string, number, string]>(
    'INSERT INTO paper_fills (id, account, portfolio, filled_on, created_at, document) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertEvaluation = database.prepare<[string, string, number, string]>(
    'INSERT INTO paper_evaluations (id, account, created_at, document) VALUES (?, ?, ?, ?)',
  );
  const parsed = (text: string | undefined): Fill | null =>
    text === undefined ? null : fillSchema.parse(JSON.parse(text));

  return {
    lastFill: (account: string): Fill | null => parsed(last.get(account)),
    hasFilled: (account: string, portfolio: string): boolean => (known.get(account, portfolio) ?? 0) > 0,
    /** The newest fill of any of a run's portfolios that was known at `at` (UTC milliseconds). */
    lastFillOf(run: string, at: number): { readonly account: string; readonly fill: Fill } | null {
      const row = ofRun.get(run, at);
      const fill = parsed(row?.document);
      return row === undefined || fill === null ? null : { account: row.account, fill };
    },
    /** When the account was filled again after a day; null where it was not. */
    nextFillAfter: (account: string, day: string): string | null => after.get(account, day) ?? null,
    insertFill(account: string, at: number, fill: Fill): void {
      insertFill.run(createUlid(at), account, fill.portfolio, fill.filledOn, at, canonicalJson(fill));
    },
    insertEvaluation(account: string, at: number, document: unknown): void {
      insertEvaluation.run(createUlid(at), account, at, canonicalJson(document));
    },
  };
}
export type PaperTable = ReturnType<typeof createPaperTable>;
