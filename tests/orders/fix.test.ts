/** FIX 4.4 against an acceptor over TCP: logon, orders and fills, gaps in what comes, test requests, silence. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFixSession } from '#engine/brokers/fix/fix-session';
import { createFixStore } from '#engine/brokers/fix/fix-store';
import { createFrameReader, decode, encode, SOH, timestamp } from '#engine/brokers/fix/message';
import { createDatabase, inTransaction } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { scratchFolder } from '../support/scratch';
import { startAcceptor } from './fix-acceptor';
import { cancel, deskOn, endpoint, openDesk, release, report } from './fix-desk';

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
        expect(read.map(({ fields }) => fields.slice(2, -1))).toEqual(
          bodies.map((fields, i) =>
            [['35', 'D'], ['34', String(i + 1)], ...fields].map(([tag, value]) => [Number(tag), value]),
          ),
        );
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

test('logs on, sends an order, hears of its fills, cancels and replaces, and logs out', async () => {
  await using acceptor = await startAcceptor();
  const desk = openDesk();
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
  cancel(desk, 'SX1');
  desk.broker.flush();
  const replace = await acceptor.hears(({ type }) => type === 'G');
  expect([replace.get(41), replace.get(38)]).toEqual(['SX1', '8']);
  const cancelled = await acceptor.hears(({ type }) => type === 'F');
  expect([cancelled.get(41), cancelled.get(11) === replace.get(11)]).toEqual(['SX1', false]);
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
  const desk = openDesk();
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
  const desk = openDesk();
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
  const desk = openDesk();
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
