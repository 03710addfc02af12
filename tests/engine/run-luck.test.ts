/** The timing luck of a finished run through the contract: every rebalance day, nothing invented, a sealed period unseen, refusals in words. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTimingLuck } from '#engine/runs/timing-luck-call';
import { openTestEngine, type TestEngine } from '../support/engine-host';
import { scratchFolder } from '../support/scratch';
import { openTestQueue } from '../support/test-queue';

const CONFIG = {
  data: { dataset: 'sample', from: '2020-01-01', holdout: '2023-07-01' },
  model: { forecast: { id: 'ridge' }, optimizer: { id: 'mean-variance' }, constraints: { maxWeight: 0.1 } },
  backtest: { window: { train: 252 }, lookback: 126 },
  experiment: {
    name: 'luck',
    bootstrap: { replications: 100 },
    compare: [{ name: 'hrp', forecast: null, optimizer: { id: 'hrp' } }],
  },
};

let host: TestEngine;
let luck: Awaited<ReturnType<TestEngine['client']['runs']['luck']>>;

beforeAll(async () => {
  host = await openTestEngine();
  await host.finished((await host.client.datasets.generate({})).job);
  const { job } = await host.client.runs.start({ config: CONFIG });
  expect((await host.finished(job)).error).toBeNull();
  luck = await host.client.runs.luck({ run: 'latest' });
}, 180_000);

afterAll(() => host[Symbol.asyncDispose]());

describe('the timing luck of a run', () => {
  test('has the strategy on all 21 days of a month, each with its own outcome', () => {
    expect(luck).toMatchObject({ rebalance: 'month', from: expect.any(String) });
    expect(luck.offsets.map(({ offset }) => offset)).toEqual(Array.from({ length: 21 }, (_, k) => k));
    expect(new Set(luck.offsets.map(({ growth }) => growth)).size).toBe(21);
    for (const { sharpe, maxDrawdown } of luck.offsets) {
      expect(sharpe).not.toBeNull();
      expect(maxDrawdown).toBeLessThan(0);
    }
  });

  test('spans what the offsets span, and the tranches are their mean', () => {
    const cagrs = luck.offsets.map(({ cagr }) => cagr);
    expect(luck.cagr).toMatchObject({ low: Math.min(...cagrs), high: Math.max(...cagrs) });
    expect(luck.sharpe?.high).toBeGreaterThan(luck.sharpe?.low ?? Infinity);
    expect(luck.tranched.growth).toBeCloseTo(luck.offsets.reduce((sum, { growth }) => sum + growth, 0) / 21, 9);
    expect(luck.verdict).toMatch(/Choosing another rebalance day moves the annual return .* timing luck/);
    expect(luck.verdict).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('does not look behind the seal of a holdout', () => {
    expect(luck.to < '2023-07-01').toBe(true);
  });

  test('gives the same answer twice', async () => {
    expect(await host.client.runs.luck({ run: 'latest' })).toEqual(luck);
  }, 60_000);
});

test('a run that failed has no timing luck, and says so', async () => {
  const config = { ...CONFIG, model: { ...CONFIG.model, constraints: { maxWeight: 0.01 } } };
  const { job, run } = await host.client.runs.start({ config });
  await host.finished(job);
  await expect(host.client.runs.luck({ run })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('failed'),
  });
}, 60_000);

test('what takes longer than a silent connection lives is refused with what to do', async () => {
  const { queue, close } = await openTestQueue({ folder: scratchFolder() });
  const slow = { do: 'wait', how: 'obedient' };
  await expect(runTimingLuck(queue, slow, undefined, 300)).rejects.toMatchObject({
    code: 'TOO_LARGE',
    message: expect.stringMatching(/within 0.3 seconds.*data\.from/),
  });
  await close();
});
