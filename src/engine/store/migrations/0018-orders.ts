/**
 * holdings: books of accounts, never changed. order_lists: what was proposed and signed; one open list per portfolio and account, and no
 * release without the signature of a second person over the present content. orders, executions: what was sent and what came of it, each
 * exactly once by its key. kill_switch: its history, the last row counts; no order is written while it is engaged.
 */
import type { Migration } from '../migrate';

export const orders: Migration = {
  name: '0018-orders',
  up(database) {
    database.exec(`
CREATE TABLE holdings (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version > 0),
  as_of TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  source TEXT NOT NULL,
  document TEXT NOT NULL CHECK (json_valid(document)),
  UNIQUE (account, version)
) STRICT;
CREATE INDEX holdings_by_day ON holdings (account, as_of, version);
CREATE TRIGGER holdings_do_not_change BEFORE UPDATE ON holdings
BEGIN SELECT RAISE(ABORT, 'holdings do not change'); END;

CREATE TABLE order_lists (
  id TEXT PRIMARY KEY,
  portfolio TEXT NOT NULL,
  account TEXT NOT NULL,
  broker TEXT NOT NULL,
  attempt INTEGER NOT NULL CHECK (attempt > 0),
  state TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'released', 'done', 'rejected', 'voided')),
  plan TEXT NOT NULL CHECK (json_valid(plan)),
  content_hash TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  approved_by TEXT,
  approved_at INTEGER,
  approved_hash TEXT,
  released_by TEXT,
  released_at INTEGER,
  reason TEXT,
  CHECK (approved_by IS NULL OR approved_by <> proposed_by),
  CHECK (state NOT IN ('approved', 'released', 'done')
    OR (approved_by IS NOT NULL AND approved_hash IS NOT NULL AND approved_hash = content_hash)),
  CHECK ((state IN ('released', 'done')) = (released_by IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX order_lists_one_open ON order_lists (portfolio, account)
  WHERE state IN ('proposed', 'approved', 'released');
CREATE INDEX order_lists_by_portfolio ON order_lists (portfolio, proposed_at);

CREATE TABLE orders (
  id TEXT NOT NULL,
  list TEXT NOT NULL REFERENCES order_lists (id) ON DELETE RESTRICT,
  asset TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  shares REAL NOT NULL CHECK (shares > 0),
  filled REAL NOT NULL DEFAULT 0 CHECK (filled >= 0),
  notional REAL NOT NULL DEFAULT 0,
  state TEXT NOT NULL
    CHECK (state IN ('sent', 'working', 'partially-filled', 'filled', 'cancelled', 'rejected', 'expired')),
  cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
  reason TEXT,
  last_bar TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX orders_once ON orders (id);
CREATE INDEX orders_by_list ON orders (list);
CREATE INDEX orders_by_state ON orders (state);

CREATE TABLE executions (
  ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
  broker TEXT NOT NULL,
  execution TEXT NOT NULL,
  order_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  shares REAL NOT NULL,
  price REAL,
  cost REAL NOT NULL DEFAULT 0,
  at INTEGER NOT NULL,
  UNIQUE (broker, execution)
) STRICT;
CREATE INDEX executions_by_order ON executions (order_id);
CREATE TRIGGER executions_do_not_change BEFORE UPDATE ON executions
BEGIN SELECT RAISE(ABORT, 'an execution does not change'); END;

CREATE TABLE kill_switch (
  ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
  engaged INTEGER NOT NULL CHECK (engaged IN (0, 1)),
  by TEXT NOT NULL,
  at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  cancelled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TRIGGER no_order_while_killed BEFORE INSERT ON orders
WHEN (SELECT engaged FROM kill_switch ORDER BY ordinal DESC LIMIT 1) = 1
BEGIN SELECT RAISE(ABORT, 'the kill switch is engaged'); END;
`);
  },
};
