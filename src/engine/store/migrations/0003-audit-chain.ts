/**
 * Schema 3. The audit log becomes a chain: every row carries the authentication code of the row before it and its own, under a secret
 * of the workspace. audit_checkpoints: what was pruned by age, signed; the newest one is where the chain begins.
 * accesses: every read of sensitive kinds. connections: every outgoing connection that was tried.
 */
import { randomBytes } from 'node:crypto';
import { AUDIT_SECRET, ChainKey, GENESIS, rowMac, type AuditRow } from '#engine/audit/audit-chain';
import type { Migration } from '../migrate';

type OldRow = Omit<AuditRow, 'prev' | 'mac'>;

const TABLES = `
CREATE TABLE audit_checkpoints (
  upto INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  removed INTEGER NOT NULL,
  head BLOB NOT NULL,
  mac BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_checkpoints_do_not_change BEFORE UPDATE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'a checkpoint of the audit log does not change'); END;
CREATE TRIGGER audit_checkpoints_are_not_deleted BEFORE DELETE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'a checkpoint of the audit log is not deleted'); END;
CREATE INDEX audit_by_time ON audit (at);

CREATE TABLE accesses (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  transport TEXT NOT NULL,
  operation TEXT NOT NULL,
  object TEXT NOT NULL
) STRICT;
CREATE INDEX accesses_by_time ON accesses (at);
CREATE TRIGGER accesses_do_not_change BEFORE UPDATE ON accesses
BEGIN SELECT RAISE(ABORT, 'the access log does not change'); END;

CREATE TABLE connections (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('refused', 'allowed')),
  purpose TEXT NOT NULL
) STRICT;
CREATE INDEX connections_by_time ON connections (at);
CREATE TRIGGER connections_do_not_change BEFORE UPDATE ON connections
BEGIN SELECT RAISE(ABORT, 'the network log does not change'); END;
`;

/** Replaces the triggers of schema 1: a row may leave only behind a checkpoint. */
const TRIGGERS = `
CREATE TRIGGER audit_does_not_change BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
WHEN OLD.seq > coalesce((SELECT max(upto) FROM audit_checkpoints), 0)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_rows_are_chained BEFORE INSERT ON audit WHEN NEW.prev IS NULL OR NEW.mac IS NULL
BEGIN SELECT RAISE(ABORT, 'a row of the audit log is chained'); END;
`;

export const auditChain: Migration = {
  name: '0003-audit-chain',
  up(database) {
    database.exec('DROP TRIGGER audit_does_not_change; DROP TRIGGER audit_is_not_deleted;');
    database.exec(TABLES);
    const secret = randomBytes(32);
    database.prepare('INSERT INTO meta (name, value) VALUES (?, ?)').run(AUDIT_SECRET, secret.toString('hex'));
    const rows = database
      .prepare<[], OldRow>('SELECT seq, at, actor, action, object, detail FROM audit ORDER BY seq')
      .all();
    const chain = database.prepare('UPDATE audit SET prev = ?, mac = ? WHERE seq = ?');
    const key = new ChainKey(secret);
    let prev: Uint8Array = GENESIS;
    for (const row of rows) {
      const mac = rowMac(key, { ...row, prev });
      chain.run(prev, mac, row.seq);
      prev = mac;
    }
    database.exec(TRIGGERS);
  },
};
