/**
 * The leak zoo: what happens to the guards when somebody cheats. Every planted leak is caught by the guard that is named for it, and the
 * honest pipeline by none; a guard that misses its leak is broken.
 */
import { describe, expect, it } from 'vitest';
import { checkExecutionLag } from '#quant/audit/execution-lag/guard';
import { checkFutureInvariance } from '#quant/audit/future-invariance/guard';
import { checkHoldoutSeal } from '#quant/audit/holdout-seal/guard';
import { checkNoiseMarket } from '#quant/audit/noise-market/guard';
import { checkPointInTime } from '#quant/audit/point-in-time/guard';
import { checkSplitStructure } from '#quant/audit/split-structure/guard';
import { checkTrialCount } from '#quant/audit/trial-count/guard';
import type { Finding } from '#quant/audit/guard';
import type { AuditSubject } from '#quant/audit/study';
import type { Market } from '#quant/backtest/market';
import type { Decide } from '#quant/audit/execution-lag/oracle';
import { researchConfigSchema } from '#quant/research/config';
import { selectData } from '#quant/research/select-data';
import { dataLeaks } from './data-leaks';
import { cachedPieces, featureLeaks, firstReported, selectingPieces, withColumn } from './feature-leaks';
import { modelLeaks, peekingOptimizer } from './model-leaks';
import { cleanSplits, LAG, shortEmbargo, splitLeaks, splitStudy } from './split-leaks';
import { baseOf, DAYS, N, quiet, subjectOf, subjectWith, withClose, zooConfig, zooMarket } from './zoo-market';

const LONG = process.env['SEXTANT_LONG'] === '1';
const CUTS = { randomCuts: 25, pipelineCuts: 4, mostEdges: 30, seed: 7 };
const NOISE = { fewestSeeds: 12, mostSeeds: 12, assets: 16, rowsTested: 300, permutations: 2, seed: 3 };

const caught: { guard: string; leak: string; summary: string }[] = [];

async function expectCaught(guard: string, leak: string, finding: Finding | Promise<Finding>): Promise<Finding> {
  const { status, summary } = await finding;
  caught.push({ guard, leak, summary });
  expect(`${status}: ${summary}`).toMatch(/^failed: /);
  return finding;
}

async function futureInvariance(subject: AuditSubject): Promise<Finding> {
  return checkFutureInvariance(subject, await baseOf(subject), CUTS, quiet);
}

describe('G1 catches', () => {
  it.each(Object.entries(featureLeaks))('%s', async (leak, column) => {
    await expectCaught('G1', leak, futureInvariance(subjectWith({ pieces: withColumn('leak', column) })));
  });
  it.each(Object.entries(dataLeaks))('%s', async (leak, prepare) => {
    await expectCaught('G1', leak, futureInvariance(subjectWith({ prepare })));
  });
  it.each(Object.entries(modelLeaks))('%s', async (leak, pieces) => {
    await expectCaught('G1', leak, futureInvariance(subjectWith({ pieces })));
  });
  it.each([
    ['feature selection before the split', selectingPieces],
    ['cached features of a later snapshot', cachedPieces()],
    ['risk measured over the whole sample', peekingOptimizer()],
  ])('%s', async (leak, pieces) => {
    await expectCaught('G1', leak, futureInvariance(subjectWith({ pieces })));
  });
  it('and lets fundamentals pass that are joined on the day they were published', async () => {
    const finding = await futureInvariance(subjectWith({ pieces: withColumn('reported', firstReported) }));
    expect(finding).toMatchObject({ status: 'passed' });
  });
});

describe('G2 catches', () => {
  it.each(['the label itself', 'a shift past the fill'])('%s, with z above 10', async (leak) => {
    const subject = subjectWith({ pieces: withColumn('leak', featureLeaks[leak]) });
    const base = await baseOf(subject);
    const finding = await expectCaught('G2', leak, checkNoiseMarket(subject, base, NOISE, quiet));
    expect(finding.figures.find(({ name }) => name === 'z')?.value).toBeGreaterThan(10);
  });
  it('a shuffled K-fold, which permuted labels do not show', { timeout: 120_000 }, async () => {
    const subject = subjectOf(splitStudy(splitLeaks['a shuffled K-fold']), zooMarket(1), {
      ...zooConfig,
      model: { ...zooConfig.model, horizon: 20 },
    });
    const base = await baseOf(subject);
    const options = { ...NOISE, fewestSeeds: 24, mostSeeds: 24 };
    const finding = await expectCaught('G2', 'a shuffled K-fold', checkNoiseMarket(subject, base, options, quiet));
    expect(finding.figures.find(({ name }) => name === 'z')?.value).toBeGreaterThan(10);
    expect(finding.figures.find(({ name }) => name === 'mean rank IC')?.value).toBeGreaterThan(0.15);
  });
});

describe('G3 catches', () => {
  const check = async (plan: (typeof splitLeaks)[string], embargo = 0) => {
    const config = { ...zooConfig, backtest: { ...zooConfig.backtest, embargo } };
    const study = splitStudy(plan);
    const subject = subjectOf(study, zooMarket(1), { ...config, model: { ...config.model, horizon: plan.horizon } });
    return checkSplitStructure(subject, study, await study.trace(subject.data));
  };
  it.each(Object.entries(splitLeaks))('%s', async (leak, plan) => {
    await expectCaught('G3', leak, check(plan));
  });
  it('an embargo that is shorter than configured', async () => {
    await expectCaught('G3', 'a short embargo', check(shortEmbargo, 5));
    expect(await check(shortEmbargo, 2)).toMatchObject({ status: 'passed' });
  });
  it('models that were handed more rows than the report states', async () => {
    const study = splitStudy(cleanSplits['a purged walk-forward']);
    const trace = await study.trace(zooMarket(1));
    const folds = trace.folds.map((fold) => ({ ...fold, fittedRows: fold.statedRows + 1 }));
    await expectCaught(
      'G3',
      'rows that are not stated',
      checkSplitStructure(subjectOf(study), study, { ...trace, folds }),
    );
  });
  it.each(Object.entries(cleanSplits))('not %s', async (_, plan) => {
    expect(await check(plan)).toMatchObject({ status: 'passed' });
  });
});

describe('G4 catches', () => {
  /** An account that fills at the price of the decision itself. */
  function sameBar(market: Market, decide: Decide): Float64Array {
    const equity = new Float64Array(market.dates.length).fill(1);
    for (let t = 1; t < equity.length; t++) {
      const weights = decide(t);
      let r = 0;
      for (let i = 0; i < weights.length; i++) {
        r +=
          weights[i] * (market.valuation[t * weights.length + i] / market.valuation[(t - 1) * weights.length + i] - 1);
      }
      equity[t] = equity[t - 1] * (1 + r);
    }
    return equity;
  }
  it('a fill on the bar of its decision, with z above 100', async () => {
    const subject = subjectWith();
    const base = await baseOf(subject);
    expect(checkExecutionLag(subject, base, 1)).toMatchObject({ status: 'passed' });
    const finding = await expectCaught('G4', 'a same-bar fill', checkExecutionLag(subject, base, 1, sameBar));
    expect(finding.figures.find(({ name }) => name === 'z of the oracle')?.value).toBeGreaterThan(100);
  });
  it('an order that is recorded as filled before its lag', async () => {
    const subject = subjectWith();
    const base = await baseOf(subject);
    const strategies = base.strategies.map((strategy) => ({
      ...strategy,
      fills: strategy.fills.map(({ decisionRow }) => ({ decisionRow, fillRow: decisionRow + LAG - 1 })),
    }));
    await expectCaught('G4', 'an early fill on record', checkExecutionLag(subject, { ...base, strategies }, 1));
  });
});

describe('G5 catches', () => {
  const check = async (subject: AuditSubject) =>
    checkPointInTime(subject, await baseOf(subject), { cuts: 2, seed: 5 }, quiet);
  it('holdings that were not members on their day', async () => {
    const everybody = (data: AuditSubject['data']) => ({
      ...data,
      panel: { ...data.panel, membership: new Uint8Array(DAYS.length * N).fill(1) },
    });
    await expectCaught('G5', 'a universe without dates', check(subjectWith({ prepare: everybody })));
  });
  it('prices that were carried past a delisting and bought', async () => {
    const carried = (data: AuditSubject['data']) =>
      withClose(data, (close) => {
        const filled = close.slice();
        for (let at = N; at < filled.length; at++)
          if (!(filled[at] > 0)) filled[at] = filled[at - N] * (1 + 1e-4 * Math.sin(at));
        return filled;
      });
    await expectCaught('G5', 'a delisted asset that trades on', check(subjectWith({ prepare: carried })));
  });
  it.each(['the final universe on every date', 'survivors only'])('%s', async (leak) => {
    await expectCaught('G5', leak, check(subjectWith({ prepare: dataLeaks[leak] })));
  });
  it('and says so where there are no membership dates at all', async () => {
    const { panel, benchmark } = zooMarket(1);
    const { membership: _, ...undated } = panel;
    const finding = await check(subjectWith({}, { panel: undated, benchmark }));
    expect(finding).toMatchObject({ status: 'warning', summary: expect.stringContaining('not point-in-time') });
  });
});

describe('G7 and G8 catch', () => {
  it('trials that were left out of the ledger', async () => {
    const subject = subjectWith();
    const [{ net }] = (await baseOf(subject)).strategies;
    await expectCaught(
      'G7',
      'an uncounted trial',
      checkTrialCount(net, { trials: 1, inRun: 2, inLedger: 1, sharpes: [1] }),
    );
    expect(checkTrialCount(net, { trials: 3, inRun: 2, inLedger: 2, sharpes: [1, 0.2, 0.4] })).toMatchObject({
      status: 'passed',
    });
    expect(checkTrialCount(net, null)).toMatchObject({ status: 'not-run' });
  });
  it('a holdout that was opened twice, seen by an earlier run, or never withheld', async () => {
    const from = DAYS[350];
    const whole = zooMarket(1);
    const sealed = subjectWith({}, selectData(whole, { to: DAYS[349] }));
    const record = { from, openings: 0, peeks: 0, opened: null };
    expect(await checkHoldoutSeal(sealed, record, quiet)).toMatchObject({ status: 'passed' });
    const opened = await checkHoldoutSeal(sealed, { ...record, openings: 1, opened: whole }, quiet);
    expect(opened).toMatchObject({ status: 'passed', summary: expect.stringContaining('opened once') });
    expect(opened.figures.find(({ name }) => name.startsWith('days of'))?.value).toBe(DAYS.length - 350);
    await expectCaught('G8', 'a second opening', checkHoldoutSeal(sealed, { ...record, openings: 2 }, quiet));
    await expectCaught('G8', 'an earlier run that saw it', checkHoldoutSeal(sealed, { ...record, peeks: 1 }, quiet));
    await expectCaught('G8', 'a holdout that was not withheld', checkHoldoutSeal(subjectWith(), record, quiet));
  });
});

describe('the honest pipeline', () => {
  const seeds = Array.from({ length: LONG ? 100 : 6 }, (_, k) => 100 + k);
  it(`is flagged by no guard in ${seeds.length} markets`, { timeout: LONG ? 3_600_000 : 60_000 }, async () => {
    const flagged: string[] = [];
    for (const seed of seeds) {
      const subject = subjectWith({}, zooMarket(seed));
      const study = subject.study(zooConfig);
      const base = await study.trace(subject.data);
      const findings = [
        await checkFutureInvariance(subject, base, { ...CUTS, seed }, quiet),
        await checkNoiseMarket(subject, base, { ...NOISE, seed }, quiet),
        checkSplitStructure(subject, study, base),
        checkExecutionLag(subject, base, seed),
        await checkPointInTime(subject, base, { cuts: 1, seed }, quiet),
      ];
      findings.forEach(({ status, summary }, k) => {
        if (status !== 'passed') flagged.push(`seed ${seed}, G${k + 1} ${status}: ${summary}`);
      });
    }
    expect(flagged).toEqual([]);
  });
});

describe('an honest configuration', () => {
  const { model, backtest } = zooConfig;
  it.each([
    [
      'that tunes its model',
      { model: { ...model, forecast: { id: 'ridge', tune: { grid: { relativeAlpha: [0.01, 1] }, folds: 3 } } } },
    ],
    ['in tranches', { backtest: { ...backtest, tranches: 3 } }],
    [
      'refitted every quarter, with a lag of 2 and an embargo',
      { backtest: { ...backtest, window: { train: 100, refit: 'quarter' }, lag: 2, embargo: 4 } },
    ],
    [
      'with an expanding window and z-scores',
      {
        model: { ...model, features: { ...model.features, transform: 'none' } },
        backtest: { ...backtest, window: { mode: 'expanding', train: 80 } },
      },
    ],
    ['without a forecast', { model: { ...model, forecast: null, optimizer: { id: 'hrp' } } }],
    [
      'that trades every week and pays interest',
      { backtest: { ...backtest, rebalance: 'week', rates: { cashRate: 0.03 } } },
    ],
  ])('%s is flagged by no guard', async (_, change) => {
    const config = researchConfigSchema.parse({ ...zooConfig, ...change });
    const subject = subjectWith({}, zooMarket(2), config);
    const study = subject.study(config);
    const base = await baseOf(subject);
    expect(await checkFutureInvariance(subject, base, { ...CUTS, pipelineCuts: 6 }, quiet)).toMatchObject({
      status: 'passed',
    });
    expect(checkSplitStructure(subject, study, base)).toMatchObject({ status: 'passed' });
    expect(checkExecutionLag(subject, base, 1)).toMatchObject({ status: 'passed' });
    expect(await checkPointInTime(subject, base, { cuts: 1, seed: 1 }, quiet)).toMatchObject({ status: 'passed' });
    expect(await checkNoiseMarket(subject, base, { ...NOISE, permutations: 1 }, quiet)).toMatchObject({
      status: 'passed',
    });
  });
});

it('the zoo holds at least 25 leaks', () => {
  expect(new Set(caught.map(({ leak }) => leak)).size).toBeGreaterThanOrEqual(25);
});
