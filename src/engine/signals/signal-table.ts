/** Rows of `signal_sources` and `signals`, typed. */
import type { Database } from '../store/database';

export interface SourceRow {
  readonly id: string;
  readonly name: string;
  readonly mode: 'signed' | 'token';
  /** The secret of a signing source; of a token its SHA-256 in hex. */
  readonly credential: string;
  readonly model: string;
  readonly per_minute: number;
  readonly created_at: number;
  readonly disabled_at: number | null;
}

export interface SignalRow {
  readonly id: string;
  readonly source: string;
  readonly source_name: string;
  readonly external_id: string;
  readonly model: string;
  readonly received_at: number;
  readonly body_hash: string;
  readonly request: string;
  readonly status: 'received' | 'answered' | 'failed';
  readonly answer: string | null;
  readonly error: string | null;
}

/** Received from `from` to before `to`, UTC milliseconds. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly offset: number;
}

export function createSignalTable(database: Database) {
  const sources = database.prepare<[], SourceRow>('SELECT * FROM signal_sources ORDER BY name');
  const source = database.prepare<[string, string], SourceRow>('SELECT * FROM signal_sources WHERE id = ? OR name = ?');
  const insertSource = database.prepare<[SourceRow]>(
    `INSERT INTO signal_sources (id, name, mode, credential, model, per_minute, created_at, disabled_at)
     VALUES (@id, @name, @mode, @credential, @model, @per_minute, @created_at, @disabled_at)`,
  );
  const rotate = database.prepare<[string, string]>('UPDATE signal_sources SET credential = ? WHERE id = ?');
  const disable = database.prepare<[number | null, string]>('UPDATE signal_sources SET disabled_at = ? WHERE id = ?');
  const removeSource = database.prepare<[string]>('DELETE FROM signal_sources WHERE id = ?');
  const received = database.prepare<[string], number>('SELECT count(*) FROM signals WHERE source = ?').pluck();
  const insert = database.prepare<[SignalRow]>(
    `INSERT INTO signals (id, source, source_name, external_id, model, received_at, body_hash, request, status, answer, error)
     VALUES (@id, @source, @source_name, @external_id, @model, @received_at, @body_hash, @request, @status, @answer, @error)`,
  );
  const known = database.prepare<[string, string], SignalRow>(
    'SELECT * FROM signals WHERE source = ? AND external_id = ?',
  );
  const finish = database.prepare<[string, string | null, string | null, string]>(
    `UPDATE signals SET status = ?, answer = ?, error = ? WHERE id = ? AND status = 'received'`,
  );
  const unanswered = database.prepare<[], SignalRow>(
    `SELECT * FROM signals WHERE status = 'received' ORDER BY received_at, id`,
  );
  const page = database.prepare<[Span], SignalRow>(
    `SELECT * FROM signals WHERE received_at >= @from AND received_at < @to
     ORDER BY received_at DESC, id DESC LIMIT @limit OFFSET @offset`,
  );
  const count = database
    .prepare<[Span], number>('SELECT count(*) FROM signals WHERE received_at >= @from AND received_at < @to')
    .pluck();

  return {
    sources: (): SourceRow[] => sources.all(),
    source: (ref: string): SourceRow | undefined => source.get(ref, ref),
    insertSource: (row: SourceRow): void => void insertSource.run(row),
    rotate: (id: string, credential: string): void => void rotate.run(credential, id),
    disable: (id: string, at: number | null): void => void disable.run(at, id),
    removeSource: (id: string): void => void removeSource.run(id),
    received: (id: string): number => received.get(id) ?? 0,
    insert: (row: SignalRow): void => void insert.run(row),
    known: (sourceId: string, externalId: string): SignalRow | undefined => known.get(sourceId, externalId),
    finish: (id: string, status: 'answered' | 'failed', answer: string | null, error: string | null): void =>
      void finish.run(status, answer, error, id),
    unanswered: (): SignalRow[] => unanswered.all(),
    list: (span: Span) => ({ rows: page.all(span), total: count.get(span) ?? 0 }),
  };
}
