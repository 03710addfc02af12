/** The audit as a product: asked for through the contract, worked on as a job, stored beside the sealed run, shown by `runs.show`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '#contract/runs';
import { presentRun } from '#headless/present-runs';
import { openTestEngine, type TestEngine } from '../support/engine-host';

const FROM = '2022-10-03';
const CONFIG = {
  data: { dataset: 'sample', from: '2020-06-01' },
  model: {
    forecast: { id: 'ridge' },
    horizon: 5,
    features: { set: ['return_5d', 'momentum_1m', 'volatility_20'] },
    optimizer: { id: 'top-n', params: { count: 10 } },
  },
  backtest: { window: { train: 126 }, lookback: 63 },
  experiment: { name: 'audited', bootstrap: { replications: 100 } },
};

let host: TestEngine;

async function runOf(config: typeof CONFIG & { data: { holdout?: string } }): Promise<Run> {
  const started = await host.client.runs.start({ config });
  expect((await host.finished(started.job)).error).toBeNull();
  return host.client.runs.show({ run: started.run });
}

async function audited(run: string, openHoldout = false): Promise<NonNullable<Run['leakage']>> {
  const { job } = await host.client.runs.audit({ run, effort: 'quick', openHoldout });
  expect((await host.finished(job)).error).toBeNull();
  const { leakage } = await host.client.runs.show({ run });
  if (leakage === null) throw new Error('Expected an audit, found none.');
  expect(leakage.job).toBe(job);
  return leakage;
}

beforeAll(async () => {
  host = await openTestEngine();
  const { job } = await host.client.datasets.generate({});
  expect((await host.finished(job)).error).toBeNull();
}, 60_000);

afterAll(() => host[Symbol.asyncDispose]());

describe('an audited run', { timeout: 120_000 }, () => {
  let run: Run;
  let guards: Map<string, NonNullable<Run['leakage']>['guards'][number]>;

  beforeAll(async () => {
    run = await runOf(CONFIG);
    const leakage = await audited(run.id);
    expect(leakage).toMatchObject({ status: 'passed', effort: 'quick' });
    guards = new Map(leakage.guards.map((guard) => [guard.id, guard]));
  }, 120_000);

  test('has a finding of every guard, in words and numbers', async () => {
    expect([...guards.keys()]).toEqual(['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8']);
    for (const { summary, proves, gate, figures, notes } of guards.values()) {
      for (const text of [summary, proves, gate, ...notes]) expect(text).not.toMatch(/NaN|undefined|Infinity|null/);
      for (const { value } of figures) expect(value === null || Number.isFinite(value)).toBe(true);
    }
    for (const id of ['G1', 'G2', 'G3', 'G4', 'G5', 'G7']) expect(guards.get(id)).toMatchObject({ status: 'passed' });
    expect(guards.get('G8')).toMatchObject({ status: 'not-run', summary: expect.stringContaining('data.holdout') });
  });

  test('lists every fold with its clearance', () => {
    const table = guards.get('G3')?.table;
    expect(table?.rows).toHaveLength(run.folds.length);
    expect(table?.columns).toContain('clearance');
  });

  test('is deflated by the count of the ledger', async () => {
    const figures = Object.fromEntries((guards.get('G7')?.figures ?? []).map(({ name, value }) => [name, value]));
    expect(figures['strategies tried on the dataset']).toBe(run.trials?.onDataset);
    expect(figures['of them in the ledger']).toBe(run.trials?.inRun);
  });

  test('states what survivorship is worth as a number', async () => {
    const { leakage } = await host.client.runs.show({ run: run.id });
    expect(leakage?.survivorship?.sharpeDifference).toEqual(expect.any(Number));
    expect(leakage?.survivorship?.everMembers).toBeGreaterThan(leakage?.survivorship?.members ?? Infinity);
  });

  test('is shown at a terminal, guard by guard', async () => {
    const text = presentRun(await host.client.runs.show({ run: run.id }));
    expect(text).toMatch(/^G1 Future invariance +passed +0 differing bits/m);
    expect(text).toMatch(/^Survivorship: /m);
  });

  test('keeps its seal: result and provenance are what they were', async () => {
    const now = await host.client.runs.show({ run: run.id });
    expect(now.provenance).toEqual(run.provenance);
    expect(now.strategies).toEqual(run.strategies);
  });

  test('gives the same findings again', async () => {
    const { guards: again } = await audited(run.id);
    expect(again).toEqual([...guards.values()]);
  });

  test('can be audited only when it has finished, and its audit can be cancelled', async () => {
    const { run: unfinished } = await host.client.runs.start({ config: CONFIG });
    await expect(host.client.runs.audit({ run: unfinished })).rejects.toMatchObject({ code: 'CONFLICT' });
    await host.client.runs.cancel({ run: unfinished });
    const { job } = await host.client.runs.audit({ run: run.id });
    for await (const event of await host.client.jobs.events({ job })) if (event.type === 'progress') break;
    await host.client.jobs.cancel({ job });
    expect(await host.finished(job)).toMatchObject({ status: 'cancelled' });
    expect((await host.client.runs.show({ run: run.id })).leakage?.effort).toBe('quick');
  });

  test('has no holdout to open', async () => {
    await expect(host.client.runs.audit({ run: run.id, openHoldout: true })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });
});

describe('a sealed holdout', { timeout: 120_000 }, () => {
  const sealed = { ...CONFIG, data: { ...CONFIG.data, from: '2021-01-04', holdout: FROM } };
  const holdoutOf = (leakage: NonNullable<Run['leakage']>) => leakage.guards[7];

  test('is withheld from the run, opened once on record, and broken by a second opening', async () => {
    const other = await openTestEngine();
    const before = host;
    host = other;
    try {
      const { job } = await host.client.datasets.generate({});
      await host.finished(job);
      const run = await runOf(sealed);
      const { dates } = await host.client.runs.series({ run: run.id });
      expect(dates.every((date) => date < FROM)).toBe(true);

      expect(holdoutOf(await audited(run.id))).toMatchObject({
        status: 'passed',
        summary: expect.stringContaining('never opened'),
      });
      const opened = holdoutOf(await audited(run.id, true));
      expect(opened).toMatchObject({ status: 'passed', summary: expect.stringContaining('opened once') });
      expect(opened.figures.find(({ name }) => name.startsWith('Sharpe ratio of'))?.value).toEqual(expect.any(Number));

      // The same model under another name is the same model.
      const again = await runOf({ ...sealed, experiment: { ...sealed.experiment, name: 'renamed' } });
      expect(holdoutOf(await audited(again.id, true))).toMatchObject({
        status: 'failed',
        summary: expect.stringContaining('opened it 2 times'),
      });
      expect(holdoutOf(await audited(run.id))).toMatchObject({ status: 'failed' });
    } finally {
      host = before;
      await other[Symbol.asyncDispose]();
    }
  });

  test('counts an earlier run on the same data that saw the period', async () => {
    const run = await runOf(sealed);
    expect(holdoutOf(await audited(run.id))).toMatchObject({
      status: 'failed',
      summary: expect.stringMatching(/1 earlier run on this data saw it/),
    });
  });
});
