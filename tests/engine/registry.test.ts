/**
 * The registry through the contract, on a market where skill exists: what passes the gate becomes champion, what does not stays out or goes
 * in with a reason, of two promotions at once one wins, and one step goes back. Nothing that was decided can be changed afterwards.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RegistryVersion } from '#contract/registry';
import { openWorkspace } from '#engine/store/workspace';
import { createTestHost, openTestEngine, type TestEngine } from '../support/engine-host';
import { predictableMarketCsv } from '../support/predictable-market';

const folder = mkdtempSync(join(tmpdir(), 'sextant-registry-'));
const workspace = join(folder, 'workspace');
const NAME = 'paces-return21d-ridge';
let host: TestEngine;
/** Two honest candidates, one that was not audited, one that loses money. */
let versions: Record<'good' | 'rival' | 'unaudited' | 'poor', RegistryVersion>;

const config = (seed: number, lookback: number, reversed = false) => ({
  data: { dataset: 'paces' },
  model: {
    forecast: { id: 'ridge' },
    features: { set: ['momentum_12_1', 'momentum_3m'] },
    optimizer: reversed ? { id: 'inverse-volatility' } : { id: 'top-n', params: { count: 3 } },
  },
  backtest: { window: { train: 252, refit: 'quarter' as const }, lookback, costs: { bps: reversed ? 500 : 5 } },
  experiment: { seed, bootstrap: { replications: 100 } },
});

async function registered(input: ReturnType<typeof config>, audit: boolean): Promise<RegistryVersion> {
  const { run, job } = await host.client.runs.start({ config: input });
  expect((await host.finished(job)).error).toBeNull();
  if (audit) {
    const asked = await host.client.runs.audit({ run, effort: 'quick' });
    expect((await host.finished(asked.job)).error).toBeNull();
  }
  return host.client.registry.register({ run });
}

async function promote(version: string, override?: string): Promise<RegistryVersion> {
  const { job } = await host.client.registry.promote({ version, ...(override === undefined ? {} : { override }) });
  expect((await host.finished(job)).error).toBeNull();
  return host.client.registry.show({ version });
}

const statusOf = ({ lastGate }: RegistryVersion) =>
  Object.fromEntries((lastGate?.checks ?? []).map(({ id, status }) => [id, status]));

beforeAll(async () => {
  mkdirSync(workspace);
  host = await openTestEngine({ workspace });
  const file = join(folder, 'paces.csv');
  writeFileSync(file, predictableMarketCsv({ assets: 12, days: 900, drift: 0.002, noise: 0.01, seed: 5 }));
  expect(
    (await host.finished((await host.client.datasets.import({ name: 'paces', prices: [file] })).job)).error,
  ).toBeNull();
  await host.client.registry.configure({ significance: { replications: 400 } });
  versions = {
    good: await registered(config(1, 126), true),
    rival: await registered(config(2, 63), true),
    unaudited: await registered(config(3, 100), false),
    poor: await registered(config(4, 90, true), false),
  };
}, 240_000);

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe('a version', () => {
  test('is numbered within symbol or universe, target and model type, and carries a card', () => {
    const { good, rival } = versions;
    expect([good.label, rival.label]).toEqual([`${NAME}@1`, `${NAME}@2`]);
    expect(good).toMatchObject({
      stage: 'None',
      aliases: [],
      artifact: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(good.artifact.bytes).toBeGreaterThan(1000);
    const facts = new Map(good.card.facts.map(({ name, value }) => [name, value]));
    expect(facts.get('Target')).toBe('simple return over 21 trading days, 1 after the decision');
    expect(facts.get('Sharpe ratio after costs')).toMatch(/^-?[\d.]+ \[/);
    expect(JSON.stringify(good.card)).not.toMatch(/undefined|NaN|null/);
  });

  test('is of one finished run, once', async () => {
    await expect(host.client.registry.register({ run: versions.good.run })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('is proved by reading its artifacts back', async () => {
    expect(await host.client.registry.verify({ version: `${NAME}@1` })).toMatchObject({
      intact: true,
      artifacts: [
        { name: 'environment.json', problem: null },
        { name: 'result', problem: null },
      ],
    });
  });
});

describe('the gate', () => {
  test('refuses a version without a leakage audit, and says which check failed', async () => {
    const shown = await promote(versions.unaudited.id);
    expect(shown).toMatchObject({ stage: 'None', aliases: [], lastGate: { decision: 'refused', passed: false } });
    expect(statusOf(shown)).toMatchObject({ golden: 'passed', leakage: 'failed' });
    expect(shown.lastGate?.verdict).toMatch(/^Not promoted\. Failed: leakage audit/);
  }, 60_000);

  test('calls what cannot be told from the reference not distinguishable', async () => {
    const shown = await promote(versions.poor.id);
    const significance = shown.lastGate?.checks.find(({ id }) => id === 'significance');
    expect(significance).toMatchObject({ status: 'failed', summary: expect.stringMatching(/^Not distinguishable\./) });
  }, 60_000);

  test('warns of an implausibly high R², and holds the threshold that is configured', async () => {
    await host.client.registry.configure({
      significance: { replications: 400 },
      outOfSample: { measure: 'r2', minimum: 0.9, implausibleR2: 0.01 },
    });
    const check = (await promote(versions.unaudited.id)).lastGate?.checks.find(({ id }) => id === 'out-of-sample');
    expect(check).toMatchObject({ status: 'failed', rule: expect.stringMatching(/at least 0\.9/) });
    expect(check?.summary).toMatch(/implausibly high.*leak/);
    await host.client.registry.configure({ significance: { replications: 400 } });
  }, 60_000);

  test('of two promotions at once lets exactly one win, and tells the other why', async () => {
    const jobs = await Promise.all(
      [versions.good, versions.rival].map(({ id }) => host.client.registry.promote({ version: id })),
    );
    for (const { job } of jobs) expect((await host.finished(job)).error).toBeNull();
    const [good, rival] = [
      await host.client.registry.show({ version: versions.good.id }),
      await host.client.registry.show({ version: versions.rival.id }),
    ];
    expect(statusOf(good)).toMatchObject({ artifact: 'warning', golden: 'passed', significance: 'passed' });
    expect(good).toMatchObject({ stage: 'Production', aliases: ['champion'], lastGate: { decision: 'promoted' } });
    expect(rival).toMatchObject({ stage: 'None', lastGate: { decision: 'superseded' } });
    expect((await host.client.registry.show({ version: NAME })).id).toBe(good.id);
  }, 60_000);

  test('tests the next one against the champion, from which it cannot be told', async () => {
    const shown = await promote(versions.rival.id);
    expect(shown.lastGate).toMatchObject({ champion: { label: `${NAME}@1` }, decision: 'refused' });
    expect(statusOf(shown)['significance']).toBe('failed');
  }, 60_000);

  test('gives way to a stated reason, which is kept, and to none that says nothing', async () => {
    await expect(
      host.client.registry.promote({ version: versions.rival.id, override: '   because  ' }),
    ).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    const reason = 'Half the turnover for the same return; agreed with risk.';
    const shown = await promote(versions.rival.id, reason);
    expect(shown).toMatchObject({
      stage: 'Production',
      rollbackTo: `${NAME}@1`,
      lastGate: { decision: 'promoted-with-override', override: reason },
    });
    expect(shown.history[0]).toMatchObject({ action: 'promoted', from: `${NAME}@1`, to: `${NAME}@2`, reason });
    expect((await host.client.registry.show({ version: `${NAME}@1` })).stage).toBe('Archived');
  }, 60_000);
});

describe('aliases', () => {
  test('move freely, except the champion, which is decided', async () => {
    const { client } = host;
    const staged = await client.registry.alias({ version: versions.unaudited.id, alias: 'challenger' });
    expect(staged).toMatchObject({ stage: 'Staging', aliases: ['challenger'] });
    expect((await client.registry.show({ version: `${NAME}@challenger` })).id).toBe(versions.unaudited.id);
    await expect(client.registry.alias({ version: versions.unaudited.id, alias: 'champion' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    const after = await client.registry.alias({ version: versions.unaudited.id, alias: 'challenger', remove: true });
    expect(after.aliases).toEqual([]);
  });
});

describe('rollback', () => {
  test('is one step, with a reason, and ends where nothing came before', async () => {
    const { client } = host;
    const reason = 'The new one trades too much.';
    const back = await client.registry.rollback({ version: NAME, reason });
    expect(back).toMatchObject({ label: `${NAME}@1`, stage: 'Production', rollbackTo: null });
    expect(back.history[0]).toMatchObject({ action: 'rolled-back', from: `${NAME}@2`, to: `${NAME}@1`, reason });
    await expect(client.registry.rollback({ version: NAME, reason })).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

test('a comparison shows what differs and nothing else', async () => {
  const { versions: compared, facts } = await host.client.registry.compare({ versions: [`${NAME}@1`, `${NAME}@2`] });
  expect(compared.map(({ label }) => label)).toEqual([`${NAME}@1`, `${NAME}@2`]);
  expect(facts.map(({ name }) => name)).toContain('Training · Seed');
  expect(facts.map(({ name }) => name)).not.toContain('Model · Forecast');
  for (const { values } of facts) expect(new Set(values).size).toBeGreaterThan(1);
});

test('what is registered and decided cannot be rewritten, and a swapped or damaged artifact is found', async () => {
  await host.engine.close();
  const { keys, log } = createTestHost({ workspace });
  const { database, close } = await openWorkspace({ folder: workspace, keys, log, now: Date.now });
  for (const statement of [
    `UPDATE registry_versions SET artifact = 'x'`,
    `DELETE FROM registry_versions`,
    `UPDATE registry_events SET reason = 'nicer'`,
    `DELETE FROM registry_events`,
    `UPDATE registry_gates SET document = '{}'`,
    `DELETE FROM registry_gates`,
  ]) {
    expect(() => database.exec(statement), statement).toThrowError(/append-only|does not change|is not deleted/);
  }
  const { sha256 } = versions.rival.artifact;
  close();
  const { readFileSync } = await import('node:fs');
  const path = join(workspace, 'objects', sha256.slice(0, 2), sha256);
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(path, bytes);
  host = await openTestEngine({ workspace });
  const verdict = await host.client.registry.verify({ version: `${NAME}@2` });
  expect(verdict.intact).toBe(false);
  expect(verdict.artifacts.find(({ name }) => name === 'result')?.problem).toMatch(/Expected/);
  const { job } = await host.client.registry.promote({ version: `${NAME}@2`, override: 'It should not get this far.' });
  expect((await host.finished(job)).error?.code).toBe('WORKSPACE_DAMAGED');
  expect((await host.client.registry.show({ version: NAME })).label).toBe(`${NAME}@1`);
}, 60_000);
