/**
 * Signals from other programs: over real HTTP to a sealed network and back into the record of the day; forged, repeated, late and oversized
 * ones change nothing. 10,000 forgeries with SEXTANT_LONG=1.
 */
import { join } from 'node:path';
import { request } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { serveApi } from '#engine/api/serve-api';
import type { AuditEntry } from '#engine/audit/audit-log';
import { createSignalService } from '#engine/signals/signal-service';
import { createDatabase } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { createRandom } from '#quant/array/random';
import { silentLog } from '#base/log';
import { createTestHost, openTestEngine } from '../support/engine-host';
import { scratchFolder } from '../support/scratch';
import { TEST_KEY as key } from '../support/store-schemas';

const FORGERIES = process.env.SEXTANT_LONG === '1' ? 10_000 : 400;
const NOW = Date.UTC(2026, 0, 5, 15);
const BODY = { date: '2026-01-02', ticker: 'AAA', features: { momentum_1m: 0.5, return_5d: -0.25 } };

function open(now = () => NOW) {
  const database = createDatabase({ file: join(scratchFolder(), 'a.db'), key, migrations });
  const audited: AuditEntry[] = [];
  const asked: unknown[] = [];
  const service = createSignalService({
    database,
    audit: { append: (entry) => void audited.push(entry) },
    alerts: { raise: () => ({ alert: '', isNew: true }) },
    log: silentLog,
    now,
    monotonic: () => 0,
    modelName: async (ref) => ref,
    predict: async (question) => {
      asked.push(question);
      return { predictions: [{ row: 'AAA', value: 0.01, reason: null }] };
    },
    onChange: () => undefined,
  });
  return { database, service, asked, audited };
}

function signed(secret: string, id: string, body: string, atMs = NOW) {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(atMs / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, new Date(atMs), body),
  };
}

describe('the door', () => {
  it('takes a signal once; a repetition has no second effect, another body under its identifier is refused', async () => {
    const { service, asked, database } = open();
    const { source, credential } = await service.create(
      { name: 'desk', model: 'm', mode: 'signed', perMinute: 60 },
      'a',
    );
    const body = JSON.stringify(BODY);
    const send = (id: string, text: string) =>
      service.receive(source.id, signed(credential, id, text), Buffer.from(text));
    const first = send('one', body);
    expect(first.duplicate).toBe(false);
    expect(send('one', body)).toEqual({ id: first.id, duplicate: true });
    await service.settled();
    expect(send('one', body).duplicate).toBe(true);
    expect(() => send('one', JSON.stringify({ ...BODY, ticker: 'BBB' }))).toThrow(/came before/);
    expect(asked).toEqual([
      {
        model: 'm',
        frame: { rows: ['AAA'], features: ['momentum_1m', 'return_5d'], values: [0.5, -0.25] },
        date: '2026-01-02',
        asOf: '2026-01-05',
      },
    ]);
    database.close();
  });

  it(`lets in none of ${FORGERIES} changes of body, identifier, time, signature and encoding`, async () => {
    const { service, asked, database } = open();
    const { source, credential } = await service.create(
      { name: 'desk', model: 'm', mode: 'signed', perMinute: 60 },
      'a',
    );
    const body = JSON.stringify(BODY);
    const random = createRandom(5);
    const pick = (n: number): number => Math.floor(random.uniform() * n);
    const flip = (text: string): string => {
      const at = pick(text.length);
      return (
        text.slice(0, at) +
        String.fromCharCode(33 + ((text.charCodeAt(at) - 33 + 1 + pick(92)) % 94)) +
        text.slice(at + 1)
      );
    };
    const changes: ((headers: Record<string, string>) => [Record<string, string>, Buffer])[] = [
      (h) => [h, Buffer.from(flip(body))],
      (h) => [{ ...h, 'webhook-id': flip(h['webhook-id']) }, Buffer.from(body)],
      (h) => [
        { ...h, 'webhook-timestamp': String(Number(h['webhook-timestamp']) + 1 + pick(10_000)) },
        Buffer.from(body),
      ],
      (h) => [{ ...h, 'webhook-signature': `v1,${flip(h['webhook-signature'].slice(3, -2))}==` }, Buffer.from(body)],
      (h) => [{ ...h, 'webhook-signature': h['webhook-signature'].replace('v1,', 'v2,') }, Buffer.from(body)],
      (h) => [{ ...h, 'webhook-signature': h['webhook-signature'].slice(3) }, Buffer.from(body)],
      (h) => [h, Buffer.from(body, 'utf16le')],
      (h) => [h, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(body)])],
      (h) => [h, Buffer.from(`${body} `)],
      () => [{}, Buffer.from(body)],
    ];
    for (let i = 0; i < FORGERIES; i++) {
      const [headers, bytes] = changes[i % changes.length](signed(credential, `id-${i}`, body));
      expect(() => service.receive(source.id, headers, bytes)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/UNAUTHORIZED|RATE_LIMITED/) }),
      );
    }
    // What is true is let in meanwhile: strangers do not use up the allowance of a source.
    expect(service.receive(source.id, signed(credential, 'true', body), Buffer.from(body)).duplicate).toBe(false);
    await service.settled();
    expect(asked).toHaveLength(1);
    database.close();
  });

  it.each([
    ['five minutes late', 300_001],
    ['five minutes early', -300_001],
  ])('refuses a signal %s, signed or not, and takes one a moment nearer', async (_, off) => {
    const { service, database } = open();
    const sources = [
      await service.create({ name: 'desk', model: 'm', mode: 'signed', perMinute: 60 }, 'a'),
      await service.create({ name: 'charts', model: 'm', mode: 'token', perMinute: 60 }, 'a'),
    ];
    const body = JSON.stringify(BODY);
    const send = (at: number) => [
      () => service.receive(sources[0].source.id, signed(sources[0].credential, `a${at}`, body, at), Buffer.from(body)),
      () => {
        const text = JSON.stringify({
          ...BODY,
          token: sources[1].credential,
          id: `b${at}`,
          time: new Date(at).toISOString(),
        });
        return service.receive(sources[1].source.id, {}, Buffer.from(text));
      },
    ];
    // The timestamp of a signature has whole seconds.
    for (const attempt of send(NOW - off - Math.sign(off) * 1000)) expect(attempt).toThrow(/credential/);
    for (const attempt of send(NOW - off + Math.sign(off) * 1000)) expect(attempt().duplicate).toBe(false);
    await service.settled();
    database.close();
  });

  it('answers an unknown source, a disabled one, a foreign credential and a wrong one alike', async () => {
    const { service, database } = open();
    const desk = await service.create({ name: 'desk', model: 'm', mode: 'signed', perMinute: 60 }, 'a');
    const other = await service.create({ name: 'other', model: 'm', mode: 'signed', perMinute: 60 }, 'a');
    const charts = await service.create({ name: 'charts', model: 'm', mode: 'token', perMinute: 60 }, 'a');
    const body = JSON.stringify(BODY);
    const withToken = JSON.stringify({ ...BODY, token: charts.credential, id: 'x', time: new Date(NOW).toISOString() });
    service.disable('desk', 'a');
    const attempts: [string, Record<string, string>, string][] = [
      ['01JDA3N6X7Q8R9S0T1V2W3X4Y5', signed(other.credential, 'x', body), body],
      [desk.source.id, signed(desk.credential, 'x', body), body],
      [other.source.id, signed(desk.credential, 'x', body), body],
      [other.source.id, {}, withToken],
      [charts.source.id, {}, withToken.replace(charts.credential, 'x'.repeat(43))],
      ['charts/../../etc', {}, withToken],
    ];
    const said = attempts.map(([id, headers, text]) => {
      try {
        return service.receive(id, headers, Buffer.from(text)).id;
      } catch (error) {
        return error instanceof Error ? error.message : '';
      }
    });
    expect(new Set(said)).toEqual(new Set([expect.stringContaining('valid credential')]));
    database.close();
  });

  it.each([
    ['no JSON', 'nonsense'],
    ['neither frame nor ticker', { date: '2026-01-02' }],
    ['both', { ...BODY, frame: { rows: ['A'], features: ['x'], values: [1] } }],
    ['a number that is none', { ...BODY, features: { x: 'NaN' } }],
    ['a field that nobody knows', { ...BODY, leverage: 9 }],
    ['no date', { ticker: 'A', features: { x: 1 } }],
    ['a deep nest', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ])('tells a known sender that a body has %s, and stores nothing', async (_, given) => {
    const { service, database } = open();
    const { source, credential } = await service.create(
      { name: 'desk', model: 'm', mode: 'signed', perMinute: 60 },
      'a',
    );
    const text = typeof given === 'string' ? given : JSON.stringify(given);
    expect(() => service.receive(source.id, signed(credential, 'x', text), Buffer.from(text))).toThrow(
      /Expected a signal/,
    );
    expect(service.list(undefined, 10, 0).total).toBe(0);
    database.close();
  });

  it('keeps neither token nor secret in the record, and asks after a crash what was not answered', async () => {
    const { service, database, audited, asked } = open();
    const { source, credential } = await service.create(
      { name: 'charts', model: 'm', mode: 'token', perMinute: 1 },
      'a',
    );
    const text = (id: string) =>
      Buffer.from(JSON.stringify({ ...BODY, token: credential, id, time: new Date(NOW).toISOString() }));
    service.receive(source.id, {}, text('one'));
    expect(() => service.receive(source.id, {}, text('two'))).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED' }),
    );
    await service.settled();
    expect(JSON.stringify([service.record('2026-01-05'), audited, service.sources()])).not.toContain(credential);
    expect(JSON.stringify(database.prepare('SELECT * FROM signal_sources').all())).not.toContain(credential);
    database.exec(`UPDATE signals SET status = 'received', answer = NULL`);
    service.start();
    await service.settled();
    expect(asked).toHaveLength(2);
    expect(service.list('2026-01-05', 10, 0).signals).toMatchObject([{ status: 'answered', externalId: 'one' }]);
    expect(service.list('2026-01-04', 10, 0).total).toBe(0);
    const old = service.rotate('charts', 'a').credential;
    expect(old).not.toBe(credential);
    expect(() => service.receive(source.id, {}, text('three'))).toThrow(/credential/);
    database.close();
  });
});

it('over HTTP: a sealed network answers, the day has its record, and no credential of one door opens the other', async () => {
  let wall = Date.now();
  await using host = await openTestEngine({ now: () => wall });
  const { client } = host;
  await host.finished((await client.datasets.generate({})).job);
  const { run, job } = await client.runs.start({
    config: {
      data: { dataset: 'sample', from: '2020-06-01' },
      model: {
        forecast: {
          id: 'lstm',
          params: { seeds: 1, epochs: 1, stride: 21, device: 'wasm', lookback: 5, hidden: 4, layers: 1, batch: 256 },
        },
        features: { set: ['momentum_1m', 'return_5d'] },
        constraints: { maxWeight: 1 },
      },
      backtest: { window: { train: 252, refit: 'year' }, lookback: 126 },
      experiment: { name: 'signals', bootstrap: { replications: 100 }, baselines: false },
    },
  });
  expect((await host.finished(job)).error).toBeNull();
  const [{ id }] = (await client.models.list({ run })).models;
  const { manifest } = await client.models.show({ model: id });
  const features = manifest.features.map(({ name }) => name);
  wall = Date.parse(`${manifest.trained.cutoff}T20:00:00Z`);
  const { source, credential } = await client.signals.create({ name: 'desk', model: id, mode: 'signed' });
  const served = await serveApi({
    engine: host.engine,
    host: createTestHost({ workspace: host.workspace }),
    port: 0,
    rendererDir: null,
  });
  const post = async (body: string, headers: Record<string, string>) => {
    const answer = await fetch(`${served.url}${source.path}`, { method: 'POST', body, headers });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  };
  try {
    const values = Array.from({ length: 5 }, () => manifest.features.map(({ mean }) => mean)).flat();
    const body = JSON.stringify({ date: manifest.trained.cutoff, frame: { rows: ['AAA'], features, values } });
    const first = await post(body, signed(credential, 'one', body, wall));
    expect(first).toEqual({ status: 202, body: { id: expect.any(String), duplicate: false } });
    expect((await post(body, signed(credential, 'one', body, wall))).body).toEqual({ ...first.body, duplicate: true });
    expect((await post(body, {})).status).toBe(401);
    expect((await post(body, { 'X-API-Token': credential })).status).toBe(401);
    expect((await fetch(`${served.url}/api/v1/signals`, { headers: { 'X-API-Token': credential } })).status).toBe(401);
    const evil = await post(body, { ...signed(credential, 'two', body, wall), Origin: 'https://evil.example' }).catch(
      () => ({ status: 403 }),
    );
    expect(evil.status).toBe(403);
    const huge = await oversized(served.url + source.path, signed(credential, 'three', body, wall));
    expect(huge).toBe(413);
  } finally {
    await served.close();
  }
  await host.engine.close();
  await using again = await openTestEngine({ workspace: host.workspace, now: () => wall });
  const { signals } = await again.client.signals.list({});
  expect(signals).toMatchObject([
    { source: 'desk', externalId: 'one', status: 'answered', predictions: [{ row: 'AAA', value: expect.any(Number) }] },
  ]);
  const { filename, text } = await again.client.signals.export({ day: manifest.trained.cutoff });
  expect(filename).toBe(`signals-${manifest.trained.cutoff}.jsonl`);
  expect(
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(signals);
}, 120_000);

/** Announces little and sends much. */
function oversized(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sending.once('error', reject);
    sending.end(Buffer.alloc(300 * 1024, 32));
  });
}
