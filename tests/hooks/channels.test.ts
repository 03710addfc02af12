/** Alerts reach people: over real HTTP, a real SMTP server, a server that speaks Redis' protocol, and the desktop as far as Electron's own module goes. */
import { createServer, type Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { expect, it } from 'vitest';
import type { CallContext } from '#engine/api/handlers';
import type { ChannelTarget } from '#contract/channels';
import type { AlertSeverity } from '#contract/topics';
import type { DesktopNotification } from '#engine/host';
import { openHooks, type HooksHost } from '../support/hooks-host';
import { WebhookReceiver } from '../support/webhook-receiver';
import { silentLog } from '#base/log';

const MINUTE = 60_000;
const CALLER: CallContext = {
  actor: 'ada',
  transport: 'inline',
  scopes: new Set(),
  signal: undefined,
  lastEventId: undefined,
};

interface Choices {
  readonly minSeverity?: AlertSeverity;
  readonly escalatedOnly?: boolean;
  readonly topics?: string[];
}

function connect(host: HooksHost, name: string, target: ChannelTarget, choices: Choices = {}) {
  const { minSeverity = 'warning', escalatedOnly = false, topics = ['risk.alerts'] } = choices;
  return host.hooks.handlers.channels.create({ name, target, topics, minSeverity, escalatedOnly }, CALLER);
}

const breach = (subject = 'paper', severity: AlertSeverity = 'error') =>
  ({ rule: 'risk.max-drawdown', severity, subject, message: 'Drawdown −26 % <of> 25 % & more.' }) as const;

it('Slack gets what it shows as text, with nothing in it that it would take for a link or a mention', async () => {
  await using receiver = await WebhookReceiver.open();
  const host = openHooks();
  const made = await connect(host, 'chat', {
    kind: 'slack',
    url: receiver.url('/services/T0/B0/key'),
    allowPrivate: false,
  });
  expect(JSON.stringify(made)).not.toContain('/services/');
  host.hooks.alerts.raise(breach('<!channel>'));
  await receiver.count(1);
  const { text, attachments } = JSON.parse(receiver.received[0].body);
  expect(text).toBe('[error] risk.max-drawdown · &lt;!channel&gt;');
  expect(attachments[0].text).toBe('Drawdown −26 % &lt;of&gt; 25 % &amp; more.');
  await host.close();
});

it('PagerDuty opens one incident per alert and closes it, and hears of nothing else', async () => {
  await using receiver = await WebhookReceiver.open();
  const host = openHooks();
  const url = receiver.url('/v2/enqueue');
  await connect(host, 'pager', { kind: 'pagerduty', routingKey: 'R0', url, allowPrivate: false }, { topics: ['*'] });
  const { alert } = host.hooks.alerts.raise(breach());
  host.hooks.alerts.raise(breach('mild', 'info'));
  host.hooks.alerts.raise(breach('paper', 'critical'));
  host.refreshed('prices');
  host.hooks.alerts.resolve('risk.max-drawdown', 'paper');
  await receiver.count(3);
  await host.hooks.settled();
  const messages = receiver.received.map(({ body }) => JSON.parse(body));
  expect(messages.map(({ event_action: action }) => action)).toEqual(['trigger', 'trigger', 'resolve']);
  expect(new Set(messages.map(({ dedup_key: key }) => key))).toEqual(new Set([`sextant-${alert}`]));
  expect(messages[1]).toMatchObject({
    routing_key: 'R0',
    payload: { severity: 'critical', source: 'paper', component: 'risk.max-drawdown', summary: expect.any(String) },
  });
  await host.close();
});

it('e-mail arrives by SMTP, with a password, under one Message-ID however often it is sent; a server that refuses is asked again', async () => {
  const mails: string[] = [];
  const refusals = ['451 Try again later'];
  const server = new SMTPServer({
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      username === 'desk' && password === 'secret' ? done(null, { user: 'desk' }) : done(new Error('no')),
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString('utf8'));
        const refusal = refusals.pop();
        done(refusal === undefined ? null : new Error(refusal));
      });
    },
  });
  const port = await new Promise<number>((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () => {
      const address = listening.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const host = openHooks();
  const mail = {
    kind: 'email',
    host: '127.0.0.1',
    port,
    from: 'sextant@desk.example',
    to: ['ada@desk.example'],
    allowPrivate: false,
  } as const;
  await expect(
    connect(host, 'far', { ...mail, host: 'mail.example', to: [...mail.to], security: 'none' }),
  ).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await connect(host, 'mail', { ...mail, to: [...mail.to], security: 'none', user: 'desk', password: 'secret' });
  host.hooks.alerts.raise(breach('evil\r\nBcc: all@desk.example'));
  await host.hooks.settled();
  await host.pass(10_000);
  expect(mails).toHaveLength(2);
  const ids = mails.map((text) => /^Message-ID: (<.*>)\r$/im.exec(text)?.[1]);
  expect(ids[0]).toMatch(/^<[0-9A-Z]{26}@sextant\.local>$/);
  expect(ids[1]).toBe(ids[0]);
  // The dot in the middle is not ASCII, so the subject is encoded (RFC 2047).
  expect(mails[1]).toMatch(/^Subject: =\?UTF-8\?Q\?Sextant=3A_=5Berror=5D_risk=2Emax-drawdo/m);
  expect(mails[1]).not.toMatch(/^Bcc:/m);
  const { deliveries } = await host.hooks.handlers.channels.deliveries(
    { channel: 'mail', limit: 5, offset: 0 },
    CALLER,
  );
  expect(deliveries).toMatchObject([{ status: 'delivered', attempts: 2 }]);
  expect(JSON.stringify(await host.hooks.handlers.channels.list({}, CALLER))).not.toContain('secret');
  await host.close();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
});

/** Answers OK to everything and keeps what was said, as arrays of words (RESP2, redis.io/docs/latest/develop/reference/protocol-spec). */
async function respServer() {
  const commands: string[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let pending = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      pending += text;
      for (let taken = command(pending); taken !== null; taken = command(pending)) {
        pending = taken.rest;
        commands.push(taken.words);
        socket.write(taken.words[0].toUpperCase() === 'XADD' ? '$3\r\n1-0\r\n' : '+OK\r\n');
      }
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return {
    commands,
    port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function command(text: string): { words: string[]; rest: string } | null {
  const lines = text.split('\r\n');
  const count = Number(/^\*(\d+)$/.exec(lines[0])?.[1] ?? NaN);
  if (!Number.isInteger(count) || lines.length < 2 * count + 2) return null;
  const words = Array.from({ length: count }, (_, i) => lines[2 * i + 2]);
  return { words, rest: lines.slice(2 * count + 1).join('\r\n') };
}

it('Redis gets every topic as a stream of its own with the fields of a webhook message', async () => {
  const redis = await respServer();
  const host = openHooks();
  const target = {
    kind: 'redis',
    url: `redis://127.0.0.1:${redis.port}`,
    prefix: 'sextant:',
    keep: 1000,
    allowPrivate: false,
  } as const;
  await connect(host, 'bridge', target, { topics: ['data.*', 'risk.alerts'] });
  host.refreshed('prices');
  await host.hooks.settled();
  const { deliveries } = await host.hooks.handlers.channels.deliveries(
    { channel: 'bridge', limit: 5, offset: 0 },
    CALLER,
  );
  expect(deliveries).toMatchObject([{ status: 'delivered', lastError: null }]);
  const [entry] = redis.commands.filter(([name]) => name.toUpperCase() === 'XADD');
  expect(entry.slice(1, 6)).toEqual(['sextant:data.refreshed', 'MAXLEN', '~', '1000', '*']);
  const fields = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [entry[6 + 2 * i], entry[7 + 2 * i]]));
  expect(fields).toMatchObject({ id: deliveries[0].id, type: 'data.refreshed', version: '1' });
  expect(JSON.parse(fields.data)).toMatchObject({ name: 'prices' });
  await host.close();
  redis.close();
});

it('a desktop is told what is severe enough; where there is none yet, it is told when there is', async () => {
  const shown: DesktopNotification[] = [];
  const host = openHooks();
  await connect(host, 'desk', { kind: 'desktop' }, { minSeverity: 'error' });
  host.hooks.alerts.raise(breach('paper', 'warning'));
  host.hooks.alerts.raise(breach('other', 'critical'));
  await host.hooks.settled();
  await host.pass(3_600_000);
  const { deliveries } = await host.hooks.handlers.channels.deliveries(
    { channel: 'desk', limit: 5, offset: 0 },
    CALLER,
  );
  expect(deliveries.map(({ status }) => status)).toContain('pending');
  await host.restart({ host: { now: host.clock.now, log: silentLog, notify: (n) => void shown.push(n) } });
  await host.pass(18 * MINUTE);
  expect(shown.filter(({ title }) => title.startsWith('[critical]'))).toEqual([
    { title: '[critical] risk.max-drawdown · other', body: breach().message, urgent: true },
  ]);
  expect(shown.every(({ title }) => !title.includes('paper'))).toBe(true);
  await host.close();
});

it('what nobody acknowledges is escalated once; what is put off is told again; what was acknowledged stays silent unless it becomes worse', async () => {
  const shown: string[] = [];
  const clocked = openHooks();
  const { clock } = clocked;
  await clocked.restart({ host: { now: clock.now, log: silentLog, notify: ({ title }) => void shown.push(title) } });
  await connect(clocked, 'all', { kind: 'desktop' });
  const { alerts, handlers } = clocked.hooks;
  const left = alerts.raise(breach('left')).alert;
  const put = alerts.raise(breach('put off')).alert;
  const seen = alerts.raise(breach('seen')).alert;
  await handlers.alerts.snooze({ alert: put, minutes: 60 }, CALLER);
  await handlers.alerts.acknowledge({ alert: seen }, CALLER);
  await clocked.pass(20 * MINUTE);
  const short = (title: string) => title.replace('[error] risk.max-drawdown · ', '');
  expect(shown.splice(0).map(short).sort()).toEqual(['Nobody has acknowledged: left', 'left', 'put off', 'seen']);
  await clocked.pass(45 * MINUTE);
  expect(shown.splice(0).map(short).sort()).toEqual(['Nobody has acknowledged: put off', 'Still open: put off']);
  await clocked.sleep(24 * 60 * MINUTE);
  expect(shown).toEqual([]);
  alerts.raise(breach('seen', 'critical'));
  await clocked.hooks.settled();
  expect(shown).toEqual(['Worse: [critical] risk.max-drawdown · seen']);
  expect(await handlers.alerts.show({ alert: seen }, CALLER)).toMatchObject({ state: 'open', acknowledgedBy: null });
  await handlers.alerts.resolve({ alert: left }, CALLER);
  await expect(handlers.alerts.snooze({ alert: left, minutes: 5 }, CALLER)).rejects.toMatchObject({ code: 'CONFLICT' });
  const list = await handlers.alerts.list({ limit: 50, offset: 0, severity: 'error' }, CALLER);
  expect(list.alerts.map(({ subject, state }) => `${subject} ${state}`)).toEqual(['seen open', 'put off open']);
  await clocked.close();
});

it('the probe raises an alert while the API does not answer, and resolves it when it does', async () => {
  const host = openHooks();
  const receiver = await WebhookReceiver.open();
  host.hooks.ownAddress({ url: receiver.url('') });
  const failing = async () =>
    (await host.hooks.handlers.alerts.list({ limit: 9, offset: 0 }, CALLER)).alerts.map(
      ({ rule, subject }) => `${rule} ${subject}`,
    );
  await host.pass(MINUTE);
  expect(await failing()).toEqual([]);
  expect(receiver.received.length).toBeGreaterThan(0);
  receiver.behavior = (request) => void request.socket.destroy();
  await host.pass(5 * MINUTE);
  expect(await failing()).toEqual(['probe.failed api']);
  receiver.behavior = (_request, response) => void response.writeHead(401).end();
  await host.pass(MINUTE);
  expect(await failing()).toEqual([]);
  await receiver[Symbol.asyncDispose]();
  await host.close();
});
