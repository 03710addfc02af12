/**
 * Webhooks end to end: real receivers over HTTP, an independent verifier of their signatures, a clock that passes days in no time, and
 * senders that are cut off. Sizes of R16 with SEXTANT_LONG=1.
 */
import { gzipSync } from 'node:zlib';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import type { CallContext } from '#engine/api/handlers';
import { addressKind, type Address } from '#engine/deliveries/address-guard';
import { createPost } from '#engine/deliveries/http-post';
import { retryAt } from '#engine/deliveries/retry-schedule';
import { isSignedBy, signatureOf } from '#engine/webhooks/signature';
import { openTestEngine } from '../support/engine-host';
import { openHooks, type HooksHost } from '../support/hooks-host';
import { answers, WebhookReceiver } from '../support/webhook-receiver';

const LONG = process.env.SEXTANT_LONG === '1';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CALLER: CallContext = {
  actor: 'test',
  transport: 'inline',
  scopes: new Set(),
  signal: undefined,
  lastEventId: undefined,
};
const BOMB = gzipSync(Buffer.alloc(50_000_000));

async function register(host: HooksHost, url: string, topics: readonly string[] = ['*'], name = 'desk') {
  const { webhooks } = host.hooks.handlers;
  return webhooks.create({ name, url, topics: [...topics], description: '', allowPrivate: false }, CALLER);
}

const deliveriesOf = (host: HooksHost, name = 'desk') =>
  host.hooks.handlers.webhooks.deliveries({ webhook: name, limit: 500, offset: 0 }, CALLER);

describe('signatures', () => {
  it('are those of the published vector of Standard Webhooks, and an independent verifier accepts them', () => {
    // standard-webhooks/standard-webhooks, libraries/javascript/src/index.test.ts, "sign function works"
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const body = '{"test": 2432232314}';
    const expected = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
    expect(signatureOf(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, body)).toBe(expected);
    expect(new Webhook(secret).sign('msg_p5jXN8AQM9LWM0D4loKWxJek', new Date(1614265330_000), body)).toBe(expected);
    const given = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1614265330, body: Buffer.from(body) };
    expect(isSignedBy([secret], { ...given, signatures: `v1,AAAA v2,x ${expected}` })).toBe(true);
    expect(isSignedBy([secret], { ...given, signatures: expected, at: 1614265331 })).toBe(false);
  });

  it('verify at the receiver, by both secrets while one replaces the other and by the new one alone afterwards', async () => {
    await using receiver = await WebhookReceiver.open();
    const host = openHooks();
    const { secret: first } = await register(host, receiver.url());
    const { secret: second } = await host.hooks.handlers.webhooks.rotate({ webhook: 'desk', overlapHours: 2 }, CALLER);
    host.refreshed('prices');
    await receiver.count(1);
    const verified = (secret: string): unknown => {
      const { body, headers } = receiver.received[receiver.received.length - 1];
      // The library compares with the real clock; the timestamp itself is checked below.
      return new Webhook(secret).sign(
        headers['webhook-id'],
        new Date(Number(headers['webhook-timestamp']) * 1000),
        body,
      );
    };
    const signatures = receiver.received[0].headers['webhook-signature'].split(' ');
    expect(signatures).toEqual([verified(second), verified(first)]);
    expect(JSON.parse(receiver.received[0].body)).toMatchObject({
      id: receiver.received[0].id,
      type: 'data.refreshed',
      version: 1,
      data: { name: 'prices' },
    });
    await host.hooks.settled();
    await host.pass(3 * HOUR);
    host.refreshed('prices');
    await receiver.count(2);
    expect(receiver.received[1].headers['webhook-signature']).toBe(verified(second));
    expect(Number(receiver.received[1].headers['webhook-timestamp']) * 1000).toBe(host.clock.time);
    await host.close();
  });
});

describe('delivery', () => {
  const EVENTS = LONG ? 1000 : 28;
  const KILLS = LONG ? 50 : 6;

  it(
    `a receiver that is gone for a day gets each of ${EVENTS} events after it is back, through ${KILLS} kills of the sender`,
    { timeout: 600_000 },
    async () => {
      await using receiver = await WebhookReceiver.open();
      const host = openHooks();
      await register(host, receiver.url());
      receiver.behavior = (request) => void request.socket.destroy();
      for (let i = 0; i < EVENTS; i++) {
        host.refreshed(`dataset-${i % 7}`);
        if (i % Math.ceil(EVENTS / KILLS) === 0) await host.restart();
        await host.pass(Math.ceil((24 * HOUR) / EVENTS));
      }
      const back = receiver.received.length;
      const recovered = host.clock.time;
      receiver.behavior = answers(200);
      await host.pass(18 * MINUTE + 1);
      const sent = receiver.received.slice(back);
      const ids = new Set(sent.map(({ id }) => id));
      expect(ids.size).toBe(EVENTS);
      expect(sent).toHaveLength(EVENTS);
      for (const { headers } of sent) {
        expect(Number(headers['webhook-timestamp']) * 1000).toBeGreaterThanOrEqual(recovered - 1000);
      }
      // They were tried before, under the same identifiers.
      for (const { id } of receiver.received.slice(0, back)) expect(ids).toContain(id);
      expect(back).toBeGreaterThan(EVENTS);
      // Events of one dataset arrive in the order in which they were published.
      for (let k = 0; k < 7; k++) {
        const order = sent.filter(({ body }) => JSON.parse(body).data.name === `dataset-${k}`).map(({ id }) => id);
        expect(order).toEqual([...order].sort());
      }
      const { deliveries } = await deliveriesOf(host);
      expect(new Set(deliveries.map(({ status }) => status))).toEqual(new Set(['delivered']));
      await host.close();
    },
  );

  it('waits as the schedule says, with jitter inside a fifth, and gives up after seven days', () => {
    const waits = (random: number) =>
      [1, 2, 3, 4, 5, 99].map(
        (attempts) => (retryAt({ queuedAt: 0, attempts, now: 1000, random: () => random }) ?? NaN) - 1000,
      );
    expect(waits(0.5)).toEqual([5_000, 30_000, 120_000, 900_000, 900_000, 900_000]);
    expect(waits(0)).toEqual([4_000, 24_000, 96_000, 720_000, 720_000, 720_000]);
    for (const [i, wait] of waits(0.999999).entries()) expect(wait).toBeLessThanOrEqual(waits(0.5)[i] * 1.2);
    const week = 7 * 24 * HOUR;
    expect(retryAt({ queuedAt: 0, attempts: 600, now: week - 1, random: () => 0 })).not.toBeNull();
    expect(retryAt({ queuedAt: 0, attempts: 600, now: week, random: () => 0 })).toBeNull();
  });

  it('keeps dead letters, says so once, and replays them under their identifiers', async () => {
    await using receiver = await WebhookReceiver.open();
    const host = openHooks();
    await register(host, receiver.url(), ['data.*']);
    // Asked once a day, so that the test needs few attempts.
    receiver.behavior = answers(500, { 'Retry-After': '86400' });
    host.refreshed('one');
    host.refreshed('two');
    await host.hooks.settled();
    for (let day = 0; day < 9; day++) await host.sleep(24 * HOUR);
    const { deliveries } = await deliveriesOf(host);
    expect(deliveries.map(({ status, lastStatus }) => [status, lastStatus])).toEqual([
      ['dead', 500],
      ['dead', 500],
    ]);
    const open = await host.hooks.handlers.alerts.list({ limit: 50, offset: 0 }, CALLER);
    expect(open.alerts).toMatchObject([{ rule: 'deliveries.dead-letter', subject: 'desk', times: 2 }]);
    const before = receiver.received.length;
    receiver.behavior = answers(204);
    expect(await host.hooks.handlers.webhooks.replay({ webhook: 'desk' }, CALLER)).toEqual({ queued: 2 });
    await receiver.count(before + 2);
    await host.hooks.settled();
    expect(receiver.received.slice(before).map(({ id }) => id)).toEqual(deliveries.map(({ id }) => id).reverse());
    expect((await host.hooks.handlers.alerts.list({ limit: 50, offset: 0 }, CALLER)).total).toBe(0);
    const { queued } = await host.hooks.handlers.webhooks.replay(
      { webhook: 'desk', since: new Date(0).toISOString() },
      CALLER,
    );
    expect(queued).toBe(2);
    await host.close();
  }, 60_000);

  it('waits as long as the receiver asks, and is disabled by 410', async () => {
    await using receiver = await WebhookReceiver.open();
    const host = openHooks();
    await register(host, receiver.url());
    receiver.behavior = answers(503, { 'Retry-After': '7200' });
    host.refreshed('prices');
    await receiver.count(1);
    await host.hooks.settled();
    await host.sleep(119 * MINUTE);
    expect(receiver.received).toHaveLength(1);
    receiver.behavior = answers(410);
    await host.pass(2 * MINUTE);
    expect(receiver.received).toHaveLength(2);
    expect(await host.hooks.handlers.webhooks.show({ webhook: 'desk' }, CALLER)).toMatchObject({
      disabledReason: expect.stringContaining('410'),
      deliveries: { pending: 1 },
    });
    await host.sleep(24 * HOUR);
    expect(receiver.received).toHaveLength(2);
    receiver.behavior = answers(200);
    await host.hooks.handlers.webhooks.enable({ webhook: 'desk' }, CALLER);
    await host.hooks.settled();
    expect((await deliveriesOf(host)).deliveries.filter(({ status }) => status !== 'delivered')).toEqual([]);
    await host.close();
  });

  it('goes on when the clock was a day ahead and is put right', async () => {
    await using receiver = await WebhookReceiver.open();
    const host = openHooks();
    await register(host, receiver.url());
    receiver.behavior = answers(500);
    host.clock.time += 3 * 24 * HOUR;
    host.refreshed('prices');
    await receiver.count(1);
    await host.hooks.settled();
    host.clock.time -= 3 * 24 * HOUR;
    receiver.behavior = answers(200);
    await host.restart();
    await host.hooks.settled();
    expect(receiver.received).toHaveLength(2);
    await host.close();
  });
});

describe('a hostile receiver', () => {
  const admit = () => undefined;
  const never = new AbortController().signal;
  const resolve = async (): Promise<Address[]> => [{ address: '127.0.0.1', family: 4 }];
  const post = createPost({ resolve, admit, ownPorts: () => new Set([4]), timeoutMs: 300 });
  const to = (url: string) => ({ url, headers: {}, body: '{}', allowPrivate: false, purpose: 'test' });

  it.each<[string, WebhookReceiver['behavior'], object]>([
    ['redirects', answers(302, { Location: 'http://127.0.0.1:4/api/v1/system/shutdown' }), { ok: false, status: 302 }],
    [
      'sends without end',
      (_q, response) => {
        response.writeHead(200);
        const more = (): void => {
          while (response.write(Buffer.alloc(65_536))) if (response.destroyed) return;
          response.once('drain', more);
        };
        more();
      },
      { ok: true, status: 200 },
    ],
    [
      'sends a compressed bomb',
      (_q, response) => void response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(BOMB),
      { ok: true },
    ],
    ['drips after its status', (_q, response) => void response.writeHead(200).write('.'), { ok: true }],
  ])('that %s is read to the limit and no further', async (_, behavior, expected) => {
    await using receiver = await WebhookReceiver.open();
    receiver.behavior = behavior;
    const before = process.memoryUsage().rss;
    expect(await post(to(receiver.url()), never)).toMatchObject(expected);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
    expect(receiver.received).toHaveLength(1);
  });

  it.each<[string, WebhookReceiver['behavior']]>([
    ['says nothing', () => undefined],
    ['resets the line', (request) => void request.socket.resetAndDestroy()],
    [
      'switches protocols',
      (request) =>
        void request.socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
    ],
    ['floods headers', (request) => void request.socket.write(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`)],
    ['speaks something else', (request) => void request.socket.write('220 mail.example ESMTP\r\n')],
  ])('that %s costs its time limit at most', async (_, behavior) => {
    await using receiver = await WebhookReceiver.open();
    receiver.behavior = behavior;
    await expect(post(to(receiver.url()), never)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('does not delay the next one', async () => {
    await using slow = await WebhookReceiver.open();
    await using quick = await WebhookReceiver.open();
    slow.behavior = () => undefined;
    const host = openHooks();
    await register(host, slow.url(), ['*'], 'slow');
    await register(host, quick.url(), ['*'], 'quick');
    for (let i = 0; i < 20; i++) host.refreshed(`dataset-${i}`);
    await quick.count(20);
    expect(slow.received.length).toBeLessThanOrEqual(4);
    await host.close();
  });
});

describe('addresses', () => {
  const never = new AbortController().signal;
  const to = (url: string, allowPrivate = false) => ({ url, headers: {}, body: '{}', allowPrivate, purpose: 'test' });
  const postWith = (...answersInTurn: string[][]) => {
    let asked = 0;
    const post = createPost({
      resolve: async () =>
        answersInTurn[Math.min(asked++, answersInTurn.length - 1)].map((address) => ({
          address,
          family: address.includes(':') ? (6 as const) : (4 as const),
        })),
      admit: () => undefined,
      ownPorts: () => new Set([4711]),
      timeoutMs: 500,
    });
    return { post, asked: () => asked };
  };

  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.9.9.9', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd00::1', 'private'],
    ['169.254.169.254', 'never'],
    ['0.0.0.0', 'never'],
    ['::', 'never'],
    ['fe80::1', 'never'],
    ['224.0.0.1', 'never'],
    ['255.255.255.255', 'never'],
    ['64:ff9b::7f00:1', 'never'],
    ['2002:7f00:1::', 'never'],
    ['not an address', 'never'],
    ['172.32.0.1', 'public'],
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
  ])('%s is %s', (address, kind) => expect(addressKind(address)).toBe(kind));

  it.each([
    'http://desk.example/hook',
    'ftp://127.0.0.1/',
    'https://user:word@desk.example/',
    'https://desk.example/#x',
    'file:///etc/passwd',
    'desk.example',
    '',
  ])('%j is not an address of a receiver', async (url) => {
    await expect(postWith(['8.8.8.8']).post(to(url), never)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it.each([
    ['https://desk.example/', ['127.0.0.1']],
    ['https://desk.example/', ['10.1.2.3']],
    ['https://desk.example/', ['8.8.8.8', '169.254.169.254']],
    ['https://desk.example/', ['::ffff:127.0.0.1']],
    ['https://2852039166/', []], // 169.254.169.254
    ['https://0x7f.1:4711/', []],
    ['http://127.0.0.1:4711/', []],
    ['http://[::1]:4711/', []],
    ['http://localhost:4711/', []],
  ])('%s at %j is refused', async (url, found) => {
    await expect(postWith(found).post(to(url), never)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('a private address is called where a person said so, a metadata service never', async () => {
    const late = { code: 'UNAVAILABLE' };
    // 10.255.255.1 leads nowhere here; what matters is that it was tried.
    await expect(postWith(['10.255.255.1']).post(to('https://desk.example/', true), never)).rejects.toMatchObject(late);
    await expect(postWith(['169.254.169.254']).post(to('https://desk.example/', true), never)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });

  it('a name that changes its answer is asked once, and the connection goes where it was judged', async () => {
    await using receiver = await WebhookReceiver.open();
    const rebinding = postWith(['8.8.8.8'], ['127.0.0.1']);
    // Were the name looked up again for the connection, it would reach the receiver on this machine.
    await expect(
      rebinding.post(to(`https://desk.example:${receiver.port}/`), AbortSignal.timeout(300)),
    ).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(rebinding.asked()).toBe(1);
    expect(receiver.received).toEqual([]);
  });
});

it('in local-only mode other machines are neither looked up nor called, and the attempt is in the network log', async () => {
  await using receiver = await WebhookReceiver.open();
  await using host = await openTestEngine();
  const { client } = host;
  await client.webhooks.create({ name: 'near', url: receiver.url(), topics: ['data.*'] });
  await client.webhooks.create({ name: 'far', url: 'https://desk.example.invalid/hook', topics: ['data.*'] });
  const { job } = await client.datasets.generate({ preset: 'small', seed: 1 });
  await host.finished(job);
  await receiver.count(1);
  expect(receiver.received[0].headers['webhook-id']).toMatch(/^[0-9A-Z]{26}$/);
  expect(await client.webhooks.test({ webhook: 'near' })).toMatchObject({ ok: true, status: 200, error: null });
  expect(await client.webhooks.test({ webhook: 'far' })).toMatchObject({
    ok: false,
    error: expect.stringContaining('local only'),
  });
  const { connections } = await client.privacy.connections({});
  expect(connections[0]).toMatchObject({ host: 'desk.example.invalid', outcome: 'refused', purpose: 'webhook' });
  expect(new Set(connections.map(({ host: to }) => to))).toEqual(new Set(['desk.example.invalid']));
  const audited = await client.audit.list({ action: 'webhooks.create' });
  expect(audited.total).toBe(2);
  expect(JSON.stringify(audited)).not.toContain('whsec_');
});
