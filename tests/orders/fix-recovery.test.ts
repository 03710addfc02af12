/** What a FIX session loses and gains back: resends with PossDup, restarts, cancels without a session, resets of the numbers. */
import { expect, test } from 'vitest';
import { startAcceptor } from './fix-acceptor';
import { cancel, deskOn, endpoint, openDesk, release } from './fix-desk';

test('what is asked for again is sent with PossDup, administrative messages as a gap, withdrawn orders never', async () => {
  await using acceptor = await startAcceptor();
  const desk = openDesk();
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
  const desk = openDesk();
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

test('a cancel without a session reaches the broker at the next logon, by the numbers that go on', async () => {
  await using acceptor = await startAcceptor();
  const desk = openDesk();
  await desk.broker.connect(endpoint(acceptor));
  release(desk, 'SX1');
  desk.broker.flush();
  await acceptor.hears(({ type }) => type === 'D');
  desk.broker.disconnect();
  await acceptor.hears(({ type }) => type === '5');
  cancel(desk, 'SX1');
  desk.broker.flush();
  await desk.broker.connect(endpoint(acceptor));
  // Logon 1, order 2, logout 3, cancel 4, logon 5: the acceptor misses the fourth.
  await acceptor.hears((message) => message.type === 'A' && message.get(34) === '5');
  acceptor.say('2', [
    [7, '4'],
    [16, '0'],
  ]);
  const heard = await acceptor.hears(({ type }) => type === 'F');
  expect([34, 41, 43].map((tag) => heard.get(tag))).toEqual(['4', 'SX1', 'Y']);
  desk.broker.disconnect();
  desk.database.close();
});

test('a reset of the numbers loses neither an order nor a cancel that nobody has sent', async () => {
  await using acceptor = await startAcceptor();
  const desk = openDesk();
  await desk.broker.connect(endpoint(acceptor));
  for (const order of ['SX1', 'SX2']) release(desk, order);
  desk.gone.add('SX2');
  // The host dies before either is written to the wire.
  acceptor.hangUp();
  const restarted = deskOn(desk.database);
  restarted.gone.add('SX2');
  cancel(restarted, 'SX3');
  await restarted.broker.connect(endpoint(acceptor, true));
  const sent = await acceptor.hears(({ type }) => type === 'F');
  expect([34, 41, 97].map((tag) => sent.get(tag))).toEqual(['3', 'SX3', 'Y']);
  const orders = acceptor.heard.filter(({ type }) => type === 'D');
  expect(orders.map((order) => [34, 11, 97].map((tag) => order.get(tag)))).toEqual([['2', 'SX1', 'Y']]);
  expect(restarted.executions).toMatchObject([{ order: 'SX2', kind: 'cancelled' }]);
  restarted.broker.disconnect();
  desk.database.close();
});

test.each(['0', 'x', '-1'])('a request to send again from %s is rejected, and the session goes on', async (begin) => {
  await using acceptor = await startAcceptor();
  const desk = openDesk();
  await desk.broker.connect(endpoint(acceptor));
  acceptor.say('2', [
    [7, begin],
    [16, '0'],
  ]);
  expect((await acceptor.hears(({ type }) => type === '3')).get(58)).toContain('BeginSeqNo');
  acceptor.say('1', [[112, 'still here']]);
  await acceptor.hears((message) => message.get(112) === 'still here');
  expect(acceptor.heard.some(({ type }) => type === '4')).toBe(false);
  desk.broker.disconnect();
  desk.database.close();
});

test('a reset is agreed at logon, and one that was not asked for is refused', async () => {
  await using acceptor = await startAcceptor();
  const desk = openDesk();
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
