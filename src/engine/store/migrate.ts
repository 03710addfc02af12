/**
 * Brings a database from its schema version to the newest, one step at a time. Each step and its version number are one
 * transaction: a crash leaves the schema before the step or after it, never between.
 */
import type { Database } from 'better-sqlite3';

/** One step. `migrations[i]` leads from version `i` to `i + 1`; a released step never changes. */
export interface Migration {
  readonly name: string;
  /** Statements only; the transaction and the version number are not its business. */
  up(database: Database): void;
}

/** The schema version that is stored in the database itself; 0 for an empty one. */
export function schemaVersionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}

/** Runs the steps that the database has not seen, in order. Errors: what a step throws; that step leaves no trace. */
export function migrate(database: Database, migrations: readonly Migration[]): void {
  for (let version = schemaVersionOf(database); version < migrations.length; version++) {
    database
      .transaction(() => {
        migrations[version].up(database);
        database.pragma(`user_version = ${version + 1}`);
      })
      .immediate();
  }
}
