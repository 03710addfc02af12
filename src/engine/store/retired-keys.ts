/**
 * Keys that a workspace had before a rotation. They stay in its encrypted database, because objects are not rewritten
 * when the key changes and because older backups are under the key of their day.
 */
import type { Database } from './database';

/** Newest first. */
export function readRetiredKeys(database: Database): Uint8Array[] {
  return database.prepare<[], Uint8Array>('SELECT key FROM retired_keys ORDER BY retired_at DESC').pluck().all();
}

/** @param at UTC milliseconds */
export function retireKey(database: Database, key: Uint8Array, at: number): void {
  database.prepare('INSERT OR IGNORE INTO retired_keys (key, retired_at) VALUES (?, ?)').run(Buffer.from(key), at);
}
