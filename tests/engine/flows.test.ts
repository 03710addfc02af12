/** The product's flows on a real engine: steps in order, jobs behind them, cache, nothing to do, cancel, and what a restart goes on with. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom } from '#quant/array/random';
import { tradingDays } from '#quant/calendar/nyse';
import { openTestEngine, type TestEngine } from '../support/engine-host';

const folder = mkdtempSync(join(tmpdir(), 'sextant-flows-'));
let engine: TestEngine;

const config = {
  data: { dataset: 'sample', from: '2021-01-01' },
  model: { forecast: null, optimizer: { id: 'inverse-volatility' } },
  backtest: { window: { train: 126 }, lookback: 63 },
  experiment: { bootstrap: { replications: 100 } },
};

beforeAll(async () => {
  engine = await openTestEngine({ workspace: join(folder, 'w') });
  const { job } = await engine.client.datasets.generate({});
  await engine.finished(job);
}, 120_000);

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

type FlowName = Parameters<TestEngine['client']['flows']['start']>[0]['flow'];

async function ran(flow: FlowName, params: Record<string, unknown> = {}) {
  const { client } = engine;
  const { id } = await client.flows.start({ flow, params: JSON.parse(JSON.stringify(params)) });
  for await (const change of await client.system.changes({ after: 0 })) {
    if (change.noun !== 'flows' || change.id !== id) continue;
    const shown = await client.flows.show({ flowRun: id });
    if (shown.status !== 'queued' && shown.status !== 'running') return shown;
  }
  throw new Error('the feed of changes ended');
}

/** The value of the headline of that name, wherever it stands in a report. */
function labelled(node: unknown, label: string): number {
  if (typeof node !== 'object' || node === null) return NaN;
  if ('label' in node && node.label === label && 'figure' in node)
    return Number(Reflect.get(Object(node.figure), 'value'));
  return Object.values(node).reduce<number>(
    (found, part) => (Number.isNaN(found) ? labelled(part, label) : found),
    NaN,
  );
}

test('lists nine flows with their steps and parameters', async () => {
  const { flows } = await engine.client.flows.list({});
  expect(flows.map(({ flow }) => flow)).toEqual([
    'ingest',
    'feature-build',
    'model-train',
    'rebalance',
    'paper-trade',
    'evaluate',
    'retention',
    'backup',
    'probe',
  ]);
});

test(
  'a training runs once for the same data and configuration; a rebalance takes it from there',
  { timeout: 120_000 },
  async () => {
    const first = await ran('model-train', { config });
    expect(first).toMatchObject({ status: 'succeeded', steps: [{ step: 'train', status: 'succeeded' }] });
    const again = await ran('model-train', { config });
    expect(again.steps[0]).toMatchObject({ status: 'cached', output: first.steps[0].output });
    const stale = await ran('rebalance', { config });
    expect(stale).toMatchObject({ status: 'failed', error: { code: 'INVALID_DATA' } });
    expect(stale.steps.map(({ status }) => status)).toEqual(['failed', 'skipped', 'skipped', 'skipped']);
  },
);

test('features are built once for the same content', { timeout: 60_000 }, async () => {
  const built = await ran('feature-build', { dataset: 'sample' });
  expect(built).toMatchObject({ status: 'succeeded' });
  expect((await ran('feature-build', { dataset: 'sample' })).steps[0]).toMatchObject({ status: 'cached' });
});

test(
  'files are imported when they change and not otherwise; a bad quality report stops the flow',
  { timeout: 60_000 },
  async () => {
    const file = join(folder, 'p.csv');
    const rows = Array.from({ length: 400 }, (_, i) => {
      const day = new Date(Date.UTC(2023, 0, 2) + i * 86_400_000);
      return `${day.toISOString().slice(0, 10)},AAA,${(100 + i / 10).toFixed(2)}`;
    });
    writeFileSync(file, ['date,ticker,close', ...rows, ''].join('\n'));
    const params = { name: 'mine', prices: [file], mostErrors: 50 };
    const first = await ran('ingest', params);
    expect(first).toMatchObject({ status: 'succeeded' });
    expect((await ran('ingest', params)).steps[0].status).toBe('cached');
    writeFileSync(file, ['date,ticker,close', ...rows.slice(0, -1), ''].join('\n'));
    expect((await ran('ingest', params)).steps[0].status).toBe('succeeded');
    expect(await ran('ingest', { ...params, prices: [join(folder, 'none.csv')] })).toMatchObject({
      status: 'failed',
      error: { code: 'NOT_FOUND' },
    });
  },
);

test('a paper account fills at the first bar after the decision, or says that there is none yet', async () => {
  expect(await ran('paper-trade')).toMatchObject({
    status: 'succeeded',
    note: expect.stringMatching(/no bar on or after/i),
  });
  expect(await ran('evaluate')).toMatchObject({ status: 'succeeded', note: expect.stringMatching(/no fill yet/) });
});

test(
  'a paper account fills at the next bar, is held against the backtest, and its path is in the live report',
  { timeout: 120_000 },
  async () => {
    const { client } = engine;
    const file = join(folder, 'market.csv');
    const assets = ['AAA', 'BBB', 'CCC', 'DDD'];
    const write = (days: number) => {
      const random = createRandom(4);
      const prices = assets.map(() => 100);
      const rows: string[] = [];
      for (const day of tradingDays('2021-01-04', '2024-12-31').slice(0, days)) {
        assets.forEach((asset, i) => {
          prices[i] *= 1 + 0.0003 + 0.01 * random.normal();
          rows.push(`${day},${asset},${prices[i].toFixed(4)}`);
        });
      }
      writeFileSync(file, ['date,ticker,close', ...rows, ''].join('\n'));
    };
    const ingest = { name: 'paper-market', prices: [file], mostErrors: 50 };
    write(500);
    expect(await ran('ingest', ingest)).toMatchObject({ status: 'succeeded' });
    const own = { ...config, data: { dataset: 'paper-market' } };
    const trained = await ran('model-train', { config: own });
    expect(trained).toMatchObject({ status: 'succeeded' });
    write(530);
    await ran('ingest', ingest);
    const filled = await ran('paper-trade', { account: 'mine' });
    expect(filled.steps[0]).toMatchObject({ status: 'succeeded', output: { trades: 4 } });
    expect(await ran('paper-trade', { account: 'mine' })).toMatchObject({ note: expect.stringMatching(/has filled/) });
    const judged = await ran('evaluate', { account: 'mine' });
    const { realized, days } = judged.steps[0].output as { realized: number; days: number }; // the flow's own schema
    expect(days).toBeGreaterThan(20);

    const { run } = trained.steps[0].output as { run: string }; // the flow's own schema
    const made = await client.reports.create({ kind: 'live', run, format: ['json'] });
    expect(await engine.finished(made.job)).toMatchObject({ status: 'succeeded' });
    const { text } = await client.reports.download({ report: made.report, format: 'json' });
    expect(text).toContain('paper account mine');
    // The same return as the evaluation, but for the costs of the fill, which the path begins with.
    const recorded = labelled(JSON.parse(text), 'Recorded return');
    expect(recorded).toBeCloseTo(realized, 3);
  },
);

test('upkeep: probe, backup with a drill, retention', { timeout: 60_000 }, async () => {
  expect(await ran('probe')).toMatchObject({ status: 'succeeded' });
  expect(await ran('backup', { drill: true })).toMatchObject({
    status: 'succeeded',
    steps: [{ status: 'succeeded' }, { status: 'succeeded' }],
  });
  expect(await ran('retention')).toMatchObject({ status: 'succeeded', note: expect.stringMatching(/clock|older/) });
});

test(
  'what fell due while no host ran is made up at the next start, once and marked late',
  { timeout: 60_000 },
  async () => {
    const workspace = join(folder, 'asleep');
    let now = Date.UTC(2026, 2, 2, 12);
    {
      await using host = await openTestEngine({ workspace, now: () => now });
      await host.client.schedules.create({ name: 'nightly', flow: 'probe', cron: '0 3 * * *', timeZone: 'UTC' });
      expect((await host.client.flows.runs({})).total).toBe(0);
    }
    now += 3 * 86_400_000;
    for (let start = 0; start < 2; start++) {
      await using host = await openTestEngine({ workspace, now: () => now });
      const { runs } = await host.client.flows.runs({ schedule: 'nightly' });
      expect(runs).toMatchObject([{ flow: 'probe', late: true }]);
    }
  },
);

test('parameters are checked when a flow is started or scheduled, and schedules show when they are due', async () => {
  const { client } = engine;
  await expect(client.flows.start({ flow: 'backup', params: { dril: true } })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
  const made = await client.schedules.create({
    name: 'nightly',
    flow: 'backup',
    cron: '0 3 * * *',
    timeZone: 'Europe/Berlin',
  });
  expect(made.nextAt).toMatch(/T0[12]:00/);
  await expect(client.schedules.create({ name: 'nightly', flow: 'backup', everySeconds: 60 })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  await expect(client.schedules.create({ name: 'b', flow: 'backup', cron: '61 3 * * *' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
  await expect(client.schedules.create({ name: 'b', flow: 'backup', cron: '0 3 30 2 *' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
  expect((await client.schedules.upcoming({ days: 3 })).upcoming.length).toBe(3);
  expect(await client.schedules.pause({ schedule: 'nightly' })).toMatchObject({ paused: true, nextAt: null });
  expect((await client.schedules.upcoming({ days: 3 })).upcoming).toEqual([]);
  await client.schedules.remove({ schedule: 'nightly' });
  expect((await client.schedules.list({})).schedules).toEqual([]);
});
