/** Rows of `spans`. */
import { inTransaction, type Database } from '../store/database';

export interface EndedSpan {
  readonly trace: string;
  readonly span: string;
  readonly parent: string | null;
  readonly name: string;
  readonly kind: 'internal' | 'server';
  /** Microseconds since 1970. */
  readonly startUs: number;
  readonly durationUs: number;
  /** Code of the error that it ended with. */
  readonly error: string | null;
  readonly correlation: string | null;
  readonly job: string | null;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export interface SpanFilter {
  readonly trace?: string | undefined;
  readonly job?: string | undefined;
  readonly correlation?: string | undefined;
  /** UTC milliseconds, included. */
  readonly since?: number | undefined;
}

export interface SpanTable {
  /** Keeps spans, and of all only the newest. Errors: DISK_FULL, IO. */
  append(spans: readonly EndedSpan[]): void;
  /** Newest first. */
  list(filter: SpanFilter, page: { readonly limit: number; readonly offset: number }): readonly EndedSpan[];
  count(filter: SpanFilter): number;
}

/** About 30 MB. */
const MOST_SPANS = 100_000;

type Stored = Omit<EndedSpan, 'attributes'> & { readonly attributes: string };

export function createSpanTable(database: Database, most = MOST_SPANS): SpanTable {
  const insert = database.prepare<[Stored]>(
    `INSERT INTO spans (trace, span, parent, name, kind, start_us, duration_us, error, correlation, job, attributes)
     VALUES (@trace, @span, @parent, @name, @kind, @startUs, @durationUs, @error, @correlation, @job, @attributes)`,
  );
  const trim = database.prepare<[number]>('DELETE FROM spans WHERE seq <= (SELECT max(seq) FROM spans) - ?');
  const where = `(@trace IS NULL OR trace = @trace) AND (@job IS NULL OR job = @job)
    AND (@correlation IS NULL OR correlation = @correlation) AND (@sinceUs IS NULL OR start_us >= @sinceUs)`;
  const list = database.prepare<[object], Stored>(
    `SELECT trace, span, parent, name, kind, start_us AS startUs, duration_us AS durationUs, error, correlation, job,
       attributes FROM spans WHERE ${where} ORDER BY start_us DESC, seq DESC LIMIT @limit OFFSET @offset`,
  );
  const count = database.prepare<[object], number>(`SELECT count(*) FROM spans WHERE ${where}`).pluck();
  const bound = ({
    trace = null,
    job = null,
    correlation = null,
    since,
  }: { [Name in keyof SpanFilter]: SpanFilter[Name] | null }) => ({
    trace,
    job,
    correlation,
    sinceUs: since == null ? null : since * 1000,
  });

  return {
    append: (spans) =>
      inTransaction(database, () => {
        for (const span of spans) insert.run({ ...span, attributes: JSON.stringify(span.attributes) });
        trim.run(most);
      }),
    list: (filter, { limit, offset }) =>
      list.all({ ...bound(filter), limit, offset }).map((row) => ({ ...row, attributes: JSON.parse(row.attributes) })),
    count: (filter) => count.get(bound(filter)) ?? 0,
  };
}
