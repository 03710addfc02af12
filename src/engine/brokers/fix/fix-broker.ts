/**
 * A broker over FIX 4.4: orders as NewOrderSingle, cancels and replacements, executions from ExecutionReports of the order session and of a drop copy. An
 * order takes its message number in the transaction of its release; whatever happens afterwards, the broker sees one order under that number.
 */
import { connect, type Socket } from 'node:net';
import { AppError } from '#base/errors';
import { inTransaction, type Database } from '#engine/store/database';
import type { Broker, BrokerOrder, Execution } from '../broker';
import { createFixSession, type FixSession, type SessionState } from './fix-session';
import { createFixStore, type StoredMessage } from './fix-store';
import { timestamp, type Field, type FixMessage } from './message';

export interface FixEndpoint {
  readonly host: string;
  readonly port: number;
  readonly sender: string;
  readonly target: string;
  readonly heartbeatSeconds: number;
  readonly reset: boolean;
}

export interface FixBrokerOptions {
  readonly database: Database;
  /** Durable name of the session; the drop copy is another one. */
  readonly name: string;
  execute(execution: Execution): boolean;
  /** False where the order must not leave any more: cancelled, ended, or the kill switch is engaged. */
  mayLeave(order: string): boolean;
  /** Something a person should know; never a secret. */
  warn(message: string): void;
  now(): number;
}

export interface FixBroker extends Broker {
  /** Resolves once logged on. Errors: UNAVAILABLE with the reason of the other side or of the connection. */
  connect(endpoint: FixEndpoint): Promise<void>;
  disconnect(): void;
  readonly state: SessionState | 'not-connected';
  readonly numbers: { readonly nextOut: number; readonly nextIn: number };
}

const TICK_MS = 1_000;
const SIDES = { buy: '1', sell: '2' } as const;
/** ExecType (150) → what it is to us; what is not here changes nothing. */
const KINDS: Readonly<Record<string, Execution['kind']>> = {
  '0': 'new',
  '3': 'expired',
  '4': 'cancelled',
  '5': 'replaced',
  '8': 'rejected',
  C: 'expired',
};

/** A request about an order carries the order's identifier and a number of its own. */
const orderOf = (clientId: string): string => clientId.split('-')[0];

/** Null for what is only a state on the way. Errors: none; what cannot be read is warned of by the caller. */
export function executionOf(message: FixMessage): Execution | null {
  const kind = message.get(150) ?? '';
  const order = orderOf(message.get(11) ?? '');
  const shares = Number(message.get(32) ?? 0);
  const price = Number(message.get(31) ?? 0);
  const base = {
    broker: 'fix',
    execution: message.get(17) ?? '',
    order,
    cost: 0,
    reason: message.get(58) ?? null,
  } as const;
  if (kind === 'F' || kind === '1' || kind === '2') {
    if (!(shares > 0) || !(price > 0) || base.execution === '') return null;
    return { ...base, kind: Number(message.get(151) ?? 0) > 0 ? 'partial-fill' : 'fill', shares, price };
  }
  const known = KINDS[kind];
  if (known === undefined || base.execution === '') return null;
  const ordered = known === 'replaced' ? Number(message.get(38)) : NaN;
  return { ...base, kind: known, shares: 0, price: null, ...(ordered > 0 && { ordered }) };
}

export function createFixBroker({ database, name, execute, mayLeave, warn, now }: FixBrokerOptions): FixBroker {
  const store = createFixStore(database, name);
  let session: FixSession | null = null;
  let socket: Socket | null = null;
  let timer: NodeJS.Timeout | null = null;

  function onApplication(message: FixMessage): void {
    if (message.type === '8') {
      const execution = executionOf(message);
      if (execution !== null) execute(execution);
      else if (/^[FGH12]$/.test(message.get(150) ?? ''))
        warn(
          `Expected an execution that can be booked, found ${message.fields.map(([tag, value]) => `${tag}=${value}`).join(' ')}. Book it by hand.`,
        );
    } else if (message.type === '9') {
      warn(
        `The broker did not cancel or replace ${orderOf(message.get(41) ?? message.get(11) ?? '')}: ${message.get(58) ?? 'no reason given'}.`,
      );
    } else warn(`The broker sent a message of type ${message.type}: ${message.get(58) ?? 'no text'}.`);
  }

  /** An order that never reached the broker and must not any more is over. */
  function mayResend({ type, fields }: StoredMessage): boolean {
    const client = fields.find(([tag]) => tag === 11)?.[1] ?? '';
    if (type !== 'D' || mayLeave(client)) return true;
    execute({
      broker: 'fix',
      execution: `${client}:withdrawn`,
      order: client,
      kind: 'cancelled',
      shares: 0,
      price: null,
      cost: 0,
      reason: 'withdrawn before the broker had it',
    });
    return false;
  }

  function requireSession(): FixSession {
    if (session?.state === 'logged-on') return session;
    throw new AppError(
      'UNAVAILABLE',
      'Expected a FIX session that is logged on, found none. Connect it with: sextant brokers connect.',
    );
  }

  function append(type: string, fields: readonly Field[]): void {
    store.append(type, [...fields, [60, timestamp(now())]], now());
  }

  function send(type: string, fields: readonly Field[]): void {
    requireSession();
    append(type, fields);
  }

  /** What a reset of the numbers would lose, under new numbers. Perhaps the broker has it already: PossResend says so. */
  function storeAgain(messages: readonly StoredMessage[]): void {
    inTransaction(database, () => {
      for (const { type, fields } of messages) store.append(type, [[97, 'Y'], ...fields], now());
    });
  }

  const about = ({ order, asset, side }: BrokerOrder, request: string): Field[] => [
    [11, `${order}-${request}${store.nextOut()}`],
    [41, order],
    [55, asset],
    [54, SIDES[side]],
  ];

  function close(): void {
    if (timer !== null) clearInterval(timer);
    timer = null;
    socket?.destroy();
    socket = null;
    session = null;
  }

  return {
    name: 'fix',
    submit({ order, asset, side, shares }) {
      send('D', [
        [11, order],
        [21, '1'],
        [55, asset],
        [54, SIDES[side]],
        [38, String(shares)],
        [40, '1'],
        [59, '0'],
      ]);
    },
    // Without a session too: it takes its number, and leaves at the next logon.
    cancel(order) {
      append('F', [...about(order, 'C'), [38, String(order.shares)]]);
      return 'requested';
    },
    replace(order, shares) {
      send('G', [...about(order, 'R'), [21, '1'], [38, String(shares)], [40, '1'], [59, '0']]);
    },
    flush() {
      if (session?.state === 'logged-on') session.flush();
    },
    get state() {
      return session?.state ?? 'not-connected';
    },
    get numbers() {
      return { nextOut: store.nextOut(), nextIn: store.nextIn() };
    },
    disconnect() {
      session?.logout();
      close();
    },
    connect({ host, port, sender, target, heartbeatSeconds, reset }) {
      if (session !== null) throw new AppError('CONFLICT', 'Expected no connection, found one. Disconnect it first.');
      const unsent = reset
        ? store.unsent().filter((message) => /^[DFG]$/.test(message.type) && mayResend(message))
        : [];
      return new Promise<void>((resolve, reject) => {
        const fail = (reason: string) => {
          const wasOn = session?.state === 'ended' && timer !== null && logged;
          close();
          if (wasOn) warn(`The FIX session ${name} ended: ${reason}.`);
          reject(
            new AppError('UNAVAILABLE', `Expected a FIX session with ${target} at ${host}:${port}, found: ${reason}.`),
          );
        };
        let logged = false;
        const opened = connect({ host, port });
        socket = opened;
        const own = createFixSession({
          database,
          store,
          sender,
          target,
          heartbeatSeconds,
          reset,
          now,
          mayResend,
          onApplication,
          transmit: (text) => void opened.write(text, 'latin1'),
          disconnect: fail,
        });
        session = own;
        opened.once('connect', () => own.logon());
        opened.on('data', (bytes) => {
          own.receive(bytes);
          if (own.state !== 'logged-on' || logged) return;
          logged = true;
          storeAgain(unsent);
          own.flush();
          resolve();
        });
        opened.once('error', (error) => session === own && fail(error.message));
        opened.once('close', () => session === own && fail('the connection was closed'));
        timer = setInterval(() => own.tick(), TICK_MS);
        timer.unref();
      });
    },
  };
}
