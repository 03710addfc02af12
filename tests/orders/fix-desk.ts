/** A broker over FIX on a database of its own, with all that it was told; and what tests make it and the acceptor say. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Execution } from '#engine/brokers/broker';
import { createFixBroker, type FixBroker } from '#engine/brokers/fix/fix-broker';
import type { Field } from '#engine/brokers/fix/message';
import { createDatabase, inTransaction, type Database } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { scratchFolder } from '../support/scratch';
import type { Acceptor } from './fix-acceptor';

export interface Desk {
  readonly database: Database;
  readonly broker: FixBroker;
  readonly executions: Execution[];
  readonly warnings: string[];
  readonly gone: Set<string>;
}

export function deskOn(database: Database): Desk {
  const executions: Execution[] = [];
  const warnings: string[] = [];
  const gone = new Set<string>();
  const seen = new Set<string>();
  const broker = createFixBroker({
    database,
    name: 'orders',
    execute(execution) {
      if (seen.has(execution.execution)) return false;
      seen.add(execution.execution);
      executions.push(execution);
      return true;
    },
    mayLeave: (order) => !gone.has(order),
    warn: (message) => void warnings.push(message),
    now: Date.now,
  });
  return { database, broker, executions, warnings, gone };
}

export const openDesk = (): Desk =>
  deskOn(createDatabase({ file: join(scratchFolder(), 'f.db'), key: randomBytes(32), migrations }));

export const endpoint = ({ port }: Acceptor, reset = false) => ({
  host: '127.0.0.1',
  port,
  sender: 'SEXTANT',
  target: 'BROKER',
  heartbeatSeconds: 30,
  reset,
});

export const release = ({ database, broker }: Desk, order: string, shares = 10) =>
  inTransaction(database, () => broker.submit({ order, asset: 'AAA', side: 'buy', shares, filled: 0 }));

export const cancel = ({ database, broker }: Desk, order: string) =>
  inTransaction(database, () => void broker.cancel({ order, asset: 'AAA', side: 'buy', shares: 10, filled: 0 }));

export const report = (acceptor: Acceptor, order: string, kind: string, more: readonly Field[] = []) =>
  acceptor.say('8', [[11, order], [17, `E${acceptor.next}`], [150, kind], ...more]);
