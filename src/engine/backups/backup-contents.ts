/** What is counted when a backup is made and compared when it is verified. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Database } from '../store/database';

/** Rows of every table. */
export function countRows(database: Database): Record<string, number> {
  const tables = database
    .prepare<[], string>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
    )
    .pluck()
    .all();
  return Object.fromEntries(
    tables.map((table) => [table, Number(database.prepare(`SELECT count(*) FROM "${table}"`).pluck().get())]),
  );
}

/** SHA-256 of a file, hex. */
export async function hashOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer); // a stream without an encoding gives buffers
  return hash.digest('hex');
}
