/**
 * A FIX 4.4 session as its initiator (FIX 4.4 vol. 2, session protocol): logon, heartbeats, test requests, gaps and their recovery. Pure of sockets and
 * timers: bytes come in by `receive`, leave by `transmit`, time passes by `tick`. What has been taken over is stored before the next is looked at.
 */
import { inTransaction, type Database } from '#engine/store/database';
import type { FixStore, StoredMessage } from './fix-store';
import { createFrameReader, encode, timestamp, type Field, type FixMessage } from './message';

export interface FixSessionOptions {
  readonly database: Database;
  readonly store: FixStore;
  readonly sender: string;
  readonly target: string;
  readonly heartbeatSeconds: number;
  /** Ask for numbers from 1 at logon. */
  readonly reset: boolean;
  now(): number;
  transmit(text: string): void;
  /** The connection is to be closed; why. */
  disconnect(reason: string): void;
  /** Within the transaction that counts the message as received. */
  onApplication(message: FixMessage): void;
  /** False for an order that must not leave any more: its number is filled instead. */
  mayResend(message: StoredMessage): boolean;
}

const ADMIN = new Set(['0', '1', '2', '3', '4', '5', 'A']);
/** Share of the heartbeat interval that a message may be late. */
const LATE = 1.2;

export type SessionState = 'logging-on' | 'logged-on' | 'ended';

export function createFixSession(options: FixSessionOptions) {
  const {
    database,
    store,
    sender,
    target,
    heartbeatSeconds,
    reset,
    now,
    transmit,
    disconnect,
    onApplication,
    mayResend,
  } = options;
  const frames = createFrameReader();
  let state: SessionState = 'logging-on';
  let lastSent = now();
  let lastReceived = now();
  let testSentAt: number | null = null;
  /** Highest number that was asked for again and has not come yet. */
  let awaitingUpTo = 0;
  let askedAt = 0;

  function write(seq: number, type: string, fields: readonly Field[], extra: readonly Field[] = []): void {
    lastSent = now();
    const header: Field[] = [
      [35, type],
      [34, String(seq)],
      [49, sender],
      [52, timestamp(now())],
      [56, target],
    ];
    transmit(encode([...header, ...extra, ...fields]));
  }

  /** Sends what is stored and has not been sent, in order. */
  function flush(): void {
    for (const { seq, type, fields } of store.unsent()) {
      write(seq, type, fields);
      store.markSent(seq);
    }
  }

  function sendAdmin(type: string, fields: readonly Field[]): void {
    inTransaction(database, () => store.append(type, fields, now()));
    flush();
  }

  function end(reason: string, sayIt: boolean): void {
    if (state === 'ended') return;
    if (sayIt) sendAdmin('5', [[58, reason]]);
    state = 'ended';
    disconnect(reason);
  }

  /** Logon takes the first number that no stored message has; what was stored and not sent is asked for by the other side. */
  function logon(): void {
    if (reset) inTransaction(database, () => store.reset());
    for (const { seq } of store.unsent()) store.markSent(seq);
    sendAdmin('A', [[98, '0'], [108, String(heartbeatSeconds)], ...(reset ? ([[141, 'Y']] as const) : [])]);
  }

  /** Once for a gap: the answer brings everything up to now. Asked again where none of it came within an interval. */
  function askAgain(from: number, upTo: number): void {
    const isPending = from <= awaitingUpTo && now() - askedAt < heartbeatSeconds * 1_000;
    if (isPending) return;
    awaitingUpTo = upTo;
    askedAt = now();
    sendAdmin('2', [
      [7, String(from)],
      [16, '0'],
    ]);
  }

  /** Stored messages again, with PossDup; administrative ones and withdrawn orders as one gap. */
  function resend(from: number, to: number): void {
    const last = to === 0 ? store.nextOut() - 1 : Math.min(to, store.nextOut() - 1);
    let gapFrom: number | null = null;
    const fill = (next: number) => {
      if (gapFrom === null) return;
      write(
        gapFrom,
        '4',
        [
          [123, 'Y'],
          [36, String(next)],
        ],
        [[43, 'Y']],
      );
      gapFrom = null;
    };
    const stored = new Map(store.range(from, last).map((message) => [message.seq, message]));
    for (let seq = from; seq <= last; seq++) {
      const message = stored.get(seq);
      if (message === undefined || ADMIN.has(message.type) || !mayResend(message)) {
        gapFrom ??= seq;
        continue;
      }
      fill(seq);
      write(seq, message.type, message.fields, [
        [43, 'Y'],
        [122, timestamp(message.at)],
      ]);
    }
    fill(last + 1);
  }

  function answerResendRequest(message: FixMessage, seq: number): void {
    const from = Number(message.get(7));
    const to = Number(message.get(16) ?? 0);
    if (Number.isSafeInteger(from) && from >= 1 && Number.isSafeInteger(to) && to >= 0) {
      resend(from, to);
      return;
    }
    sendAdmin('3', [
      [45, String(seq)],
      [58, `Expected a BeginSeqNo of at least 1 and an EndSeqNo of at least 0, found ${from} and ${to}`],
    ]);
  }

  /** A message whose number is the expected one. */
  function take(message: FixMessage, seq: number): void {
    inTransaction(database, () => {
      store.setNextIn(seq + 1);
      if (!ADMIN.has(message.type)) onApplication(message);
    });
    switch (message.type) {
      case '1':
        sendAdmin('0', [[112, message.get(112) ?? '']]);
        break;
      case '2':
        answerResendRequest(message, seq);
        break;
      case '5':
        end(`the other side logged out: ${message.get(58) ?? 'no reason given'}`, state === 'logged-on');
        break;
    }
  }

  function sequenceReset(message: FixMessage, seq: number): void {
    const next = Number(message.get(36));
    const expected = store.nextIn();
    const isFill = message.get(123) === 'Y';
    if (!Number.isSafeInteger(next) || next < expected) {
      if (message.get(43) !== 'Y')
        sendAdmin('3', [
          [45, String(seq)],
          [58, `Expected a NewSeqNo of at least ${expected}`],
        ]);
      return;
    }
    if (isFill && seq > expected) askAgain(expected, seq);
    else if (!isFill || seq === expected) inTransaction(database, () => store.setNextIn(next));
  }

  function handle(message: FixMessage): void {
    lastReceived = now();
    testSentAt = null;
    const seq = Number(message.get(34));
    if (message.get(49) !== target || message.get(56) !== sender || !Number.isSafeInteger(seq) || seq < 1) {
      end(
        `Expected messages from ${target} to ${sender} with a number, found ${message.get(49)} to ${message.get(56)}, ${message.get(34)}`,
        state === 'logged-on',
      );
      return;
    }
    if (state === 'logging-on') {
      if (message.type !== 'A') {
        end(
          message.type === '5'
            ? `refused: ${message.get(58) ?? 'no reason given'}`
            : `Expected a Logon first, found message type ${message.type}`,
          false,
        );
        return;
      }
      if (message.get(141) === 'Y') {
        if (!reset) {
          end(
            'Expected the numbers to go on, found that the other side starts from 1. Agree with it, then connect with a reset',
            true,
          );
          return;
        }
        inTransaction(database, () => store.setNextIn(1));
      }
      state = 'logged-on';
    }
    if (message.type === '4') {
      sequenceReset(message, seq);
      return;
    }
    const expected = store.nextIn();
    if (seq > expected) {
      // A request to resend is answered at once, or two sides with gaps would wait for each other.
      if (message.type === '2') answerResendRequest(message, seq);
      askAgain(expected, seq);
    } else if (seq < expected) {
      if (message.get(43) !== 'Y') end(`Expected message ${expected}, found ${seq}: the number is too low`, true);
    } else take(message, seq);
  }

  return {
    logon,
    flush,
    get state(): SessionState {
      return state;
    },
    receive(bytes: Buffer): void {
      for (const message of frames.push(bytes)) if (state !== 'ended') handle(message);
    },
    /** To be called about every second. */
    tick(): void {
      if (state === 'ended') return;
      const interval = heartbeatSeconds * 1_000;
      if (testSentAt !== null && now() - testSentAt > interval * LATE) {
        end('no answer to a test request', false);
        return;
      }
      if (state === 'logging-on') {
        if (now() - lastReceived > interval * LATE) end('no answer to the logon', false);
        return;
      }
      if (testSentAt === null && now() - lastReceived > interval * LATE) {
        testSentAt = now();
        sendAdmin('1', [[112, `T${now()}`]]);
      } else if (now() - lastSent >= interval) sendAdmin('0', []);
    },
    logout(): void {
      if (state === 'logged-on') end('logged out', true);
      else end('not logged on', false);
    },
  };
}
export type FixSession = ReturnType<typeof createFixSession>;
