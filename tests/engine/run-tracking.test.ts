/**
 * Runs as an experiment tracker keeps them, through the contract: tags and notes that may change, runs that may not, a list that is searched,
 * filtered and ordered, and a rerun that proves the same bits or says where they part.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInlineClient } from '#engine/api/inline';
import { createEngine } from '#engine/engine';
import { checkRerun, firstDifference } from '#engine/runs/rerun-check';
import { encodeBundle } from '#engine/store/array-bundle';
import { openWorkspace } from '#engine/store/workspace';
import { createTestHost, openTestEngine, type TestEngine } from '../support/engine-host';

const config = (name: string, seed: number, optimizer = 'inverse-volatility') => ({
  data: { dataset: 'sample', from: '2021-01-01' },
  model: { forecast: null, optimizer: { id: optimizer } },
  backtest: { window: { train: 126 }, lookback: 63 },
  experiment: { name, seed, tags: { owner: 'ada', latency_budget: '50 ms' }, bootstrap: { replications: 100 } },
});
const hopeless = {
  ...config('hopeless', 1),
  model: { forecast: null, optimizer: { id: 'min-variance' }, constraints: { maxWeight: 0.001 } },
};

const workspace = mkdtempSync(join(tmpdir(), 'sextant-tracking-'));
let host: TestEngine;
let first: string;
let second: string;
let failed: string;

async function runOf(input: object): Promise<string> {
  const { run, job } = await host.client.runs.start({ config: input as ReturnType<typeof config> });
  await host.finished(job);
  return run;
}

beforeAll(async () => {
  host = await openTestEngine({ workspace });
  await host.finished((await host.client.datasets.generate({})).job);
  first = await runOf(config('momentum', 1));
  second = await runOf(config('low risk', 2, 'hrp'));
  failed = await runOf(hopeless);
}, 120_000);

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(workspace, { recursive: true, force: true });
});

describe('tags and notes', () => {
  test('begin with those of the configuration and with facts about the run', async () => {
    const { tags, experiment } = await host.client.runs.show({ run: first });
    expect(experiment).toBe('momentum');
    expect(tags).toEqual({
      phase: 'research',
      owner: 'ada',
      latency_budget: '50 ms',
      data_version: 'sample@1',
      model_hash: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test('change on a sealed run, whose evidence stays as it was', async () => {
    const before = await host.client.runs.show({ run: first });
    await host.client.runs.tag({ run: first, tags: ['phase=paper', 'owner=', 'ticket=R-12'] });
    await host.client.runs.note({ run: first, note: 'Held up in 2022.' });
    const after = await host.client.runs.show({ run: first });
    expect(after).toEqual({
      ...before,
      note: 'Held up in 2022.',
      tags: {
        phase: 'paper',
        latency_budget: '50 ms',
        ticket: 'R-12',
        data_version: before.tags['data_version'],
        model_hash: before.tags['model_hash'],
      },
    });
    expect(after.config.experiment.tags).toEqual({ owner: 'ada', latency_budget: '50 ms' });
  });

  test.each([
    ['phase=production', /one of research, validation, paper, live/],
    ['data_version=other@9', /states a fact/],
    ['model_hash=', /states a fact/],
    ['latency_budget=soon', /50 ms/],
  ])('that mean something keep their form: %s', async (tag, message) => {
    const before = (await host.client.runs.show({ run: second })).tags;
    const change = host.client.runs.tag({ run: second, tags: ['fine=yes', tag] });
    await expect(change).rejects.toMatchObject({ code: 'BAD_REQUEST', message: expect.stringMatching(message) });
    expect((await host.client.runs.show({ run: second })).tags).toEqual(before);
  });

  test('are words, never part of a statement or a path', async () => {
    const hostile = `x'; DROP TABLE runs; --`;
    await host.client.runs.tag({ run: second, tags: [`evil=${hostile}`] });
    expect((await host.client.runs.list({ tag: [`evil=${hostile}`] })).runs.map(({ id }) => id)).toEqual([second]);
    expect((await host.client.runs.list({ search: '%' })).total).toBe(0);
    await host.client.runs.tag({ run: second, tags: ['evil='] });
  });
});

describe('the list', () => {
  const ids = async (filter: Parameters<typeof host.client.runs.list>[0]) =>
    (await host.client.runs.list(filter)).runs.map(({ id }) => id);

  test('is searched by name, experiment, tag and note', async () => {
    await host.client.runs.note({ run: second, note: 'Quieter than the index' });
    expect(await ids({ search: 'quieter than' })).toEqual([second]);
    expect(await ids({ search: 'LOW RISK' })).toEqual([second]);
    expect(await ids({ experiment: 'momentum' })).toEqual([first]);
    expect(await ids({ tag: ['data_version=sample@1'] })).toEqual([failed, second, first]);
    expect(await ids({ tag: ['data_version=sample@1', 'owner=nobody'] })).toEqual([]);
  });

  test('is ordered and cut by what the runs measured; runs without the measure come last', async () => {
    const sharpes = (await host.client.runs.list({ sort: 'sharpe' })).runs.map(
      ({ headline }) => headline?.sharpe.value,
    );
    expect(sharpes).toEqual([...sharpes].sort((a, b) => (b ?? -Infinity) - (a ?? -Infinity)));
    expect(await ids({ sort: 'sharpe', order: 'asc' })).toEqual([
      ...(await ids({ sort: 'sharpe' })).slice(0, 2).reverse(),
      failed,
    ]);
    const best = sharpes[0] ?? NaN;
    expect(await ids({ where: [`sharpe>=${best - 1e-6}`] })).toHaveLength(1);
    expect(await ids({ where: ['sharpe<=100', 'max_drawdown>=-1'] })).toHaveLength(2);
  });

  test('groups runs into experiments', async () => {
    const { experiments } = await host.client.experiments.list({});
    expect(experiments.map(({ name, runs, finished }) => [name, runs, finished])).toEqual([
      ['hopeless', 1, 0],
      ['low risk', 1, 1],
      ['momentum', 1, 1],
    ]);
  });

  test('leaves out what was archived, and has it back', async () => {
    await host.client.runs.archive({ run: second });
    expect(await ids({})).toEqual([failed, first]);
    expect(await ids({ archived: true })).toEqual([second]);
    await host.client.runs.archive({ run: second, archived: false });
    expect(await ids({})).toEqual([failed, second, first]);
  });
});

test('a comparison shows what differs and nothing else', async () => {
  const { parameters, metrics, sameIdentity } = await host.client.runs.compare({ runs: [first, second] });
  expect(sameIdentity).toBe(false);
  for (const { values } of parameters) expect(new Set(values).size).toBe(2);
  const [before, after] = [await host.client.runs.show({ run: first }), await host.client.runs.show({ run: second })];
  expect(parameters.map(({ path }) => path)).toEqual(['experiment.name', 'experiment.seed', 'model.optimizer.id']);
  const of = ({ strategies }: typeof before) => strategies.find(({ role }) => role === 'primary')?.metrics ?? {};
  const differing = Object.keys(of(before)).filter((name) => of(before)[name].value !== of(after)[name].value);
  expect(metrics.map(({ name }) => name).sort()).toEqual(differing.sort());
});

describe('what a run leaves', () => {
  test('metrics over its folds', async () => {
    const { metrics } = await host.client.runs.metrics({ run: first });
    const { folds } = await host.client.runs.show({ run: first });
    const returns = metrics.find(({ name }) => name === 'fold/return');
    expect(returns?.values).toEqual(folds.map((fold) => fold.metrics['return']));
    expect(returns?.steps).toEqual(folds.map((_, step) => step));
    expect((await host.client.runs.metrics({ run: first, name: 'fold/return' })).metrics).toEqual([returns]);
  });

  test('artifacts by content hash, of which the provenance names two', async () => {
    const { provenance } = await host.client.runs.show({ run: first });
    const { artifacts } = await host.client.runs.artifacts({ run: first });
    expect(new Map(artifacts.map(({ name, sha256 }) => [name, sha256]))).toEqual(
      new Map([
        ['environment.json', provenance.environmentHash],
        ['result', provenance.resultHash],
      ]),
    );
    const { text } = await host.client.runs.checksums({ run: first });
    expect(JSON.parse(text)).toMatchObject({
      run: first,
      artifacts,
      provenance: { resultHash: provenance.resultHash },
    });
  });
});

describe('removal', () => {
  test('is refused for a finished run, which is evidence', async () => {
    await expect(host.client.runs.remove({ run: first })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/never changes.*archive/),
    });
    const { entries } = await host.client.audit.list({ action: 'runs.remove', object: first });
    expect(entries).toMatchObject([{ detail: { code: 'CONFLICT' } }]);
  });

  test('of a failed run while it is compared leaves the comparison of the others, and says so', async () => {
    const doomed = await runOf({ ...hopeless, experiment: { ...hopeless.experiment, name: 'doomed' } });
    const compared = [first, doomed, second];
    expect(await host.client.runs.compare({ runs: compared })).toMatchObject({ missing: [] });
    await host.client.runs.remove({ run: doomed });
    const { runs, missing } = await host.client.runs.compare({ runs: compared });
    expect([runs.map(({ id }) => id), missing]).toEqual([[first, second], [doomed]]);
    await expect(host.client.runs.compare({ runs: [first, doomed] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }, 60_000);
});

describe('a rerun', () => {
  test('proves the same bits', async () => {
    const again = await host.client.runs.rerun({ run: first });
    await host.finished(again.job);
    const { rerun } = await host.client.runs.show({ run: again.run });
    expect(rerun).toMatchObject({ of: first, equal: true, identity: [], first: null });
    expect(rerun?.verdict).toMatch(/^Bit-equal to inverse-volatility-21d-/);
  }, 60_000);

  test('by another build says what differs about it, and that the bits do not', async () => {
    await host.engine.close();
    const test = createTestHost({ workspace });
    const engine = await createEngine({ ...test, version: { ...test.version, gitCommit: 'f'.repeat(40) } });
    const client = createInlineClient(engine.router, 'test');
    const { run, job } = await client.runs.rerun({ run: first });
    for await (const event of await client.jobs.events({ job })) void event;
    expect((await client.runs.show({ run })).rerun).toMatchObject({
      equal: true,
      identity: [{ field: 'gitCommit', before: 'null', after: 'f'.repeat(40) }],
      verdict: expect.stringMatching(/although this differs: gitCommit/),
    });
    await engine.close();
    host = await openTestEngine({ workspace });
  }, 60_000);

  test('of a run without a result has nothing to compare with, and says so', async () => {
    const { run, job } = await host.client.runs.rerun({ run: failed });
    await host.finished(job);
    expect((await host.client.runs.show({ run })).rerun).toBeNull();
    await expect(host.client.runs.remove({ run: failed })).rejects.toMatchObject({ code: 'CONFLICT' });
  }, 60_000);
});

describe('the check of a rerun', () => {
  const dates = Array.from({ length: 40 }, (_, day) => `day ${day}`);
  const bundle = (equity: Float64Array, sharpe = 1) =>
    encodeBundle({
      document: { dates, strategies: [{ name: 'hrp', metrics: { sharpe: { value: sharpe } } }] },
      arrays: { 'equity.0': equity },
    });

  test('finds the one number that was changed, wherever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 40, maxLength: 40 }), fc.nat(39), (values, at) => {
        const before = Float64Array.from(values);
        const after = before.slice();
        after[at] = after[at] === 7 ? 8 : 7;
        expect(firstDifference(bundle(before), bundle(before))).toBeNull();
        expect(firstDifference(bundle(before), bundle(after))).toEqual({
          what: `equity of hrp on day ${at}`,
          before: String(before[at]),
          after: String(after[at]),
        });
      }),
    );
  });

  test('does not take −0 for 0, and names a metric before a series', () => {
    const zeros = new Float64Array(40);
    const changed = zeros.slice();
    changed[3] = -0;
    expect(firstDifference(bundle(zeros), bundle(changed))?.what).toBe('equity of hrp on day 3');
    expect(firstDifference(bundle(zeros, 1), bundle(changed, 2))).toEqual({
      what: 'strategies[hrp].metrics.sharpe.value',
      before: '1',
      after: '2',
    });
  });

  test('calls bits that differ under one identity a fault', async () => {
    const { provenance } = await host.client.runs.show({ run: first });
    const zeros = new Float64Array(40);
    const verdict = checkRerun(
      { id: first, name: 'original', provenance, bytes: bundle(zeros, 1) },
      { provenance: { ...provenance, resultHash: '0'.repeat(64) }, bytes: bundle(zeros, 2) },
    );
    expect(verdict).toMatchObject({ equal: false, identity: [], verdict: expect.stringMatching(/report this/) });
  });
});

describe('sealed runs', () => {
  const attempts = [
    `UPDATE run_metrics SET value = 0`,
    `DELETE FROM run_metrics`,
    `INSERT INTO run_metrics (run, name, step, value) SELECT id, 'late', 0, 1 FROM runs WHERE sealed_at IS NOT NULL`,
    `UPDATE runs SET config = '{}' WHERE sealed_at IS NOT NULL`,
    `DELETE FROM runs WHERE sealed_at IS NOT NULL`,
    `UPDATE run_results SET hash = ''`,
  ];

  test('refuse every statement that would change them, and change for the one whose guards are gone', async () => {
    await host.engine.close();
    const { keys, log } = createTestHost({ workspace });
    const { database, close } = await openWorkspace({ folder: workspace, keys, log, now: Date.now });
    const state = () =>
      JSON.stringify(
        ['runs', 'run_metrics', 'run_results'].map((name) => database.prepare(`SELECT * FROM ${name}`).all()),
      );
    const before = state();
    for (const attempt of attempts)
      expect(() => database.exec(attempt), attempt).toThrowError(/sealed|frozen|does not change/);
    expect(state()).toBe(before);
    database.exec('BEGIN; DROP TRIGGER metrics_do_not_change; UPDATE run_metrics SET value = 0');
    expect(state()).not.toBe(before);
    database.exec('ROLLBACK');
    close();
    host = await openTestEngine({ workspace });
  });
});
