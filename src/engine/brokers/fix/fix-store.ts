/** Numbers and messages of FIX sessions in the workspace's store: a number is taken in the transaction of what is sent with it, so no crash sends one twice or skips one. */
import type { Database } from '#engine/store/database';
import type { Field } from './message';

export interface StoredMessage {
  readonly seq: number;
  readonly type: string;
  /** From tag 35 on, without header: JSON of its fields. */
  readonly fields: readonly Field[];
  /** UTC milliseconds of the first sending. */
  readonly at: number;
}

interface MessageRow {
  readonly seq: number;
  readonly type: string;
  readonly fields: string;
  readonly at: number;
}

export function createFixStore(database: Database, session: string) {
  const create = database.prepare<[string]>(
    'INSERT INTO fix_sessions (name, next_out, next_in) VALUES (?, 1, 1) ON CONFLICT (name) DO NOTHING',
  );
  create.run(session);
  const read = database.prepare<[string], { next_out: number; next_in: number }>(
    'SELECT next_out, next_in FROM fix_sessions WHERE name = ?',
  );
  const setOut = database.prepare<[number, string]>('UPDATE fix_sessions SET next_out = ? WHERE name = ?');
  const setIn = database.prepare<[number, string]>('UPDATE fix_sessions SET next_in = ? WHERE name = ?');
  const insert = database.prepare<[string, number, string, string, number]>(
    'INSERT INTO fix_messages (session, seq, type, fields, at, sent) VALUES (?, ?, ?, ?, ?, 0)',
  );
  const unsent = database.prepare<[string], MessageRow>(
    'SELECT seq, type, fields, at FROM fix_messages WHERE session = ? AND sent = 0 ORDER BY seq',
  );
  const markSent = database.prepare<[string, number]>('UPDATE fix_messages SET sent = 1 WHERE session = ? AND seq = ?');
  const range = database.prepare<[string, number, number], MessageRow>(
    'SELECT seq, type, fields, at FROM fix_messages WHERE session = ? AND seq BETWEEN ? AND ? ORDER BY seq',
  );
  const clear = database.prepare<[string]>('DELETE FROM fix_messages WHERE session = ?');
  const toMessage = ({ fields, ...row }: MessageRow): StoredMessage => ({
    ...row,
    fields: JSON.parse(fields) as Field[], // as `append` wrote it
  });
  const numbers = () => read.get(session) ?? { next_out: 1, next_in: 1 };

  return {
    nextOut: (): number => numbers().next_out,
    nextIn: (): number => numbers().next_in,
    setNextIn: (next: number): void => void setIn.run(next, session),
    /** Takes the next number for a message. */
    append(type: string, fields: readonly Field[], at: number): number {
      const seq = numbers().next_out;
      insert.run(session, seq, type, JSON.stringify(fields), at);
      setOut.run(seq + 1, session);
      return seq;
    },
    unsent: (): StoredMessage[] => unsent.all(session).map(toMessage),
    markSent: (seq: number): void => void markSent.run(session, seq),
    range: (from: number, to: number): StoredMessage[] => range.all(session, from, to).map(toMessage),
    /** Both numbers to 1, and nothing is left to send again. */
    reset(): void {
      clear.run(session);
      setOut.run(1, session);
      setIn.run(1, session);
    },
  };
}
export type FixStore = ReturnType<typeof createFixStore>;
