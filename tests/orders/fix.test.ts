/** FIX 4.4 against an acceptor over TCP: logon, gaps both ways, resends with PossDup, test requests, resets, restarts, and orders that leave once. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Execution } from '#engine/brokers/broker';
import { createFixBroker, type FixBroker } from '#engine/brokers/fix/fix-broker';
import { createFixSession } from '#engine/brokers/fix/fix-session';
import { createFixStore } from '#engine/brokers/fix/fix-store';
import { createFrameReader, decode, encode, SOH, timestamp, type Field } from '#engine/brokers/fix/message';
import { createDatabase, inTransaction, type Database } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { scratchFolder } from '../support/scratch';
import { startAcceptor, type Acceptor } from './fix-acceptor';

const field = fc.tuple(fc.integer({ min: 50, max: 9_999 }), fc.stringMatching(/^[ -~]{1,20}$/));

test('messages are read as they were written, in any pieces, and a changed byte is noticed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(field, { maxLength: 8 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(),
      (bodies, step, at) => {
        const texts = bodies.map((fields, i) => encode([[35, 'D'], [34, String(i + 1)], ...fields]));
        const reader = createFrameReader();
        const bytes = Buffer.from(`garbage${texts.join('')}`, 'latin1');
        const read = [];
        for (let i = 0; i < bytes.length; i += step) read.push(...reader.push(bytes.subarray(i, i + step)));
        expect(read.map(({ fields }) => fields.slice(2, -1))).toEqual(bodies.map((fields, i) => [['35', 'D'], ['34', String(i + 1)], ...fields].map(([tag, value]) => [Number(tag), value]))); // prettier-ignore
        const [text] = texts;
        const where = at % text.length;
        const changed = `${text.slice(0, where)}${text[where] === '0' ? '1' : '0'}${text.slice(where + 1)}`;
        expect(decode(changed)).toBeNull();
      },
    ),
  );
  // Published example of length and sum, FIX 4.4 vol. 1: the sum over every byte up to the field itself, modulo 256.
  expect(decode(`8=FIX.4.4${SOH}9=5${SOH}35=0${SOH}10=163${SOH}`)?.type).toBe('0');
  expect(decode(`8=FIX.4.4${SOH}9=6${SOH}35=0${SOH}10=164${SOH}`)).toBeNull();
});

interface Desk {
  readonly database: Database;
  readonly broker: FixBroker;
  readonly executions: Execution[];
  readonly warnings: string[];
  readonly gone: Set<string>;
}

function deskOn(database: Database): Desk {
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

const open = (): Desk =>
  deskOn(createDatabase({ file: join(scratchFolder(), 'f.db'), key: randomBytes(32), migrations }));

const endpoint = ({ port }: Acceptor, reset = false) => ({ host: '127.0.0.1', port, sender: 'SEXTANT', target: 'BROKER', heartbeatSeconds: 30, reset }); // prettier-ignore

const release = ({ database, broker }: Desk, order: string, shares = 10) =>
  inTransaction(database, () => broker.submit({ order, asset: 'AAA', side: 'buy', shares, filled: 0 }));

const report = (acceptor: Acceptor, order: string, kind: string, more: readonly Field[] = []) =>
  acceptor.say('8', [[11, order], [17, `E${acceptor.next}`], [150, kind], ...more]);

test('logs on, sends an order, hears of its fills, cancels and replaces, and logs out', async () => {
  await using acceptor = await startAcceptor();
  const desk = open();
  await desk.broker.connect(endpoint(acceptor));
  release(desk, 'SX1');
  desk.broker.flush();
  const order = await acceptor.hears(({ type }) => type === 'D');
  expect([11, 55, 54, 38, 40].map((tag) => order.get(tag))).toEqual(['SX1', 'AAA', '1', '10', '1']);
  report(acceptor, 'SX1', '0');
  report(acceptor, 'SX1', 'F', [
    [32, '4'],
    [31, '9.5'],
    [151, '6'],
  ]);
  report(acceptor, 'SX1', 'F', [
    [32, '6'],
    [31, '9.6'],
    [151, '0'],
  ]);
  inTransaction(desk.database, () =>
    desk.broker.replace({ order: 'SX1', asset: 'AAA', side: 'buy', shares: 10, filled: 4 }, 8),
  );
  inTransaction(
    desk.database,
    () => void desk.broker.cancel({ order: 'SX1', asset: 'AAA', side: 'buy', shares: 10, filled: 4 }),
  );
  desk.broker.flush();
  const replace = await acceptor.hears(({ type }) => type === 'G');
  expect([replace.get(41), replace.get(38)]).toEqual(['SX1', '8']);
  const cancel = await acceptor.hears(({ type }) => type === 'F');
  expect([cancel.get(41), cancel.get(11) === replace.get(11)]).toEqual(['SX1', false]);
  acceptor.say('1', [[112, 'ping']]);
  expect((await acceptor.hears(({ type }) => type === '0')).get(112)).toBe('ping');
  expect(desk.executions.map(({ kind, shares, price }) => [kind, shares, price])).toEqual([
    ['new', 0, null],
    ['partial-fill', 4, 9.5],
    ['fill', 6, 9.6],
  ]);
  desk.broker.disconnect();
  await acceptor.hears(({ type }) => type === '5');
  expect(() => release(desk, 'SX2')).toThrow('logged on');
  desk.database.close();
});

test('a first message that is no logon ends the session', async () => {
  await using acceptor = await startAcceptor();
  acceptor.greets = false;
  const desk = open();
  const connecting = desk.broker.connect(endpoint(acceptor));
  const refused = expect(connecting).rejects.toThrow('Expected a Logon first');
  await acceptor.hears(({ type }) => type === 'A');
  acceptor.say('0');
  await refused;
  expect(desk.broker.state).toBe('not-connected');
  desk.database.close();
});

test('a gap in what comes is asked for once, and repeats with PossDup count once', async () => {
  await using acceptor = await startAcceptor();
  const desk = open();
  await desk.broker.connect(endpoint(acceptor));
  // 2 is lost; 3 and 4 arrive.
  acceptor.next = 3;
  report(acceptor, 'SX1', 'F', [
    [32, '1'],
    [31, '2'],
    [151, '1'],
  ]);
  report(acceptor, 'SX1', 'F', [
    [32, '1'],
    [31, '2'],
    [151, '0'],
  ]);
  const asked = await acceptor.hears(({ type }) => type === '2');
  expect([asked.get(7), asked.get(16)]).toEqual(['2', '0']);
  expect(desk.executions).toEqual([]);
  for (const [seq, id] of [
    [2, 'E2'],
    [3, 'E3'],
    [4, 'E4'],
  ] as const) {
    acceptor.say(
      '8',
      [
        [43, 'Y'],
        [122, timestamp(0)],
        [11, 'SX1'],
        [17, id],
        [150, 'F'],
        [32, '1'],
        [31, '2'],
        [151, '1'],
      ],
      seq,
    );
  }
  acceptor.say(
    '8',
    [
      [43, 'Y'],
      [11, 'SX1'],
      [17, 'again'],
      [150, 'F'],
      [32, '1'],
      [31, '2'],
      [151, '1'],
    ],
    3,
  );
  acceptor.say('1', [[112, 'done']], 5);
  await acceptor.hears((message) => message.get(112) === 'done');
  expect(desk.executions.map(({ execution }) => execution)).toEqual(['E2', 'E3', 'E4']);
  expect(acceptor.heard.filter(({ type }) => type === '2')).toHaveLength(1);
  // A gap that the other side fills.
  acceptor.say(
    '4',
    [
      [123, 'Y'],
      [36, '9'],
    ],
    6,
  );
  acceptor.say('1', [[112, 'after']], 9);
  await acceptor.hears((message) => message.get(112) === 'after');
  // A number that is too low without PossDup is the end.
  acceptor.say('0', [], 3);
  expect((await acceptor.hears(({ type }) => type === '5')).get(58)).toContain('too low');
  expect(desk.warnings[0]).toContain('too low');
  desk.database.close();
});

test('what is asked for again is sent with PossDup, administrative messages as a gap, withdrawn orders never', async () => {
  await using acceptor = await startAcceptor();
  const desk = open();
  await desk.broker.connect(endpoint(acceptor));
  for (const order of ['SX1', 'SX2', 'SX3']) release(desk, order);
  desk.broker.flush();
  await acceptor.hears((message) => message.get(11) === 'SX3');
  desk.gone.add('SX2');
  const before = acceptor.heard.length;
  acceptor.say('2', [
    [7, '1'],
    [16, '0'],
  ]);
  acceptor.say('1', [[112, 'done']]);
  await acceptor.hears((message) => message.get(112) === 'done');
  const again = acceptor.heard.slice(before).filter(({ type }) => type !== '0');
  expect(
    again.map((message) => [message.type, message.get(34), message.get(43), message.get(36) ?? message.get(11)]),
  ).toEqual([
    ['4', '1', 'Y', '2'],
    ['D', '2', 'Y', 'SX1'],
    ['4', '3', 'Y', '4'],
    ['D', '4', 'Y', 'SX3'],
  ]);
  expect(again[1].get(122)).toMatch(/^\d{8}-/);
  expect(desk.executions).toMatchObject([{ order: 'SX2', kind: 'cancelled' }]);
  desk.broker.disconnect();
  desk.database.close();
});

test('numbers outlive a restart; an order that was stored and not sent is delivered once when asked for', async () => {
  await using acceptor = await startAcceptor();
  const desk = open();
  await desk.broker.connect(endpoint(acceptor));
  // Stored with its number; the host dies before it is written to the wire.
  release(desk, 'SX1');
  acceptor.hangUp();
  const restarted = deskOn(desk.database);
  await restarted.broker.connect(endpoint(acceptor));
  const logon = await acceptor.hears((message) => message.type === 'A' && message.get(34) === '3');
  expect(logon.get(141)).toBeUndefined();
  acceptor.say('2', [
    [7, '2'],
    [16, '0'],
  ]);
  const delivered = await acceptor.hears(({ type }) => type === 'D');
  expect([delivered.get(34), delivered.get(43), delivered.get(11)]).toEqual(['2', 'Y', 'SX1']);
  expect(acceptor.heard.filter(({ type }) => type === 'D')).toHaveLength(1);
  restarted.broker.disconnect();
  desk.database.close();
});

test('a reset is agreed at logon, and one that was not asked for is refused', async () => {
  await using acceptor = await startAcceptor();
  const desk = open();
  await desk.broker.connect(endpoint(acceptor));
  desk.broker.disconnect();
  await desk.broker.connect(endpoint(acceptor, true));
  expect(desk.broker.numbers).toEqual({ nextOut: 2, nextIn: 2 });
  desk.broker.disconnect();
  acceptor.greets = false;
  const before = acceptor.heard.length;
  const refused = expect(desk.broker.connect(endpoint(acceptor))).rejects.toThrow('starts from 1');
  await acceptor.hears((message) => message.type === 'A' && acceptor.heard.indexOf(message) >= before);
  acceptor.say(
    'A',
    [
      [98, '0'],
      [108, '30'],
      [141, 'Y'],
    ],
    1,
  );
  await refused;
  desk.database.close();
});

test('silence is asked about, and then ends the session; nothing to say is said every interval', () => {
  const database = createDatabase({ file: join(scratchFolder(), 'f.db'), key: randomBytes(32), migrations });
  let now = 1_000_000;
  const said: string[] = [];
  let ended = '';
  const session = createFixSession({
    database,
    store: createFixStore(database, 's'),
    sender: 'SEXTANT',
    target: 'BROKER',
    heartbeatSeconds: 10,
    reset: false,
    now: () => now,
    transmit: (text) => void said.push(decode(text)?.type ?? 'garbled'),
    disconnect: (reason) => (ended = reason),
    onApplication: () => undefined,
    mayResend: () => true,
  });
  session.logon();
  session.receive(
    Buffer.from(
      encode([
        [35, 'A'],
        [34, '1'],
        [49, 'BROKER'],
        [56, 'SEXTANT'],
        [98, '0'],
        [108, '10'],
      ]),
    ),
  );
  const pass = (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      now += 1_000;
      session.tick();
    }
  };
  pass(10);
  expect(said).toEqual(['A', '0']);
  pass(3);
  expect(said).toEqual(['A', '0', '1']);
  pass(13);
  expect(ended).toContain('no answer to a test request');
  database.close();
});

test('sabotage: without numbers that are stored with the order, the same restart sends it twice or never', async () => {
  await using acceptor = await startAcceptor();
  const desk = open();
  await desk.broker.connect(endpoint(acceptor));
  release(desk, 'SX1');
  desk.broker.flush();
  await acceptor.hears(({ type }) => type === 'D');
  acceptor.hangUp();
  // What a store that forgets would leave: the number goes back, and the order takes it again.
  desk.database.exec('UPDATE fix_sessions SET next_out = 2; DELETE FROM fix_messages WHERE seq >= 2');
  const restarted = deskOn(desk.database);
  await restarted.broker.connect(endpoint(acceptor));
  release(restarted, 'SX1');
  restarted.broker.flush();
  await acceptor.hears((message) => message.type === 'D' && message.get(34) === '3');
  expect(acceptor.heard.filter(({ type }) => type === 'D')).toHaveLength(2);
  restarted.broker.disconnect();
  desk.database.close();
});
