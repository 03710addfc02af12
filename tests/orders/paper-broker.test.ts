/** From a run to fills: a portfolio, holdings, a list that two people signed, and a paper broker that fills it at later bars, part by part. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createInlineClient } from '#engine/api/inline';
import { createRandom } from '#quant/array/random';
import { tradingDays } from '#quant/calendar/nyse';
import { openTestEngine } from '../support/engine-host';
import { scratchFolder } from '../support/scratch';

const DAYS = tradingDays('2024-01-02', '2025-06-30');
const ASSETS = ['AAA', 'BBB', 'CCC'];

/** A market up to a day; volume is small enough that orders take several bars. */
function prices(days: number): string {
  const random = createRandom(7);
  const level = ASSETS.map(() => 50);
  const lines = ['date,symbol,open,high,low,close,volume'];
  for (const day of DAYS.slice(0, days)) {
    ASSETS.forEach((asset, i) => {
      level[i] *= 1 + 0.01 * (random.uniform() - 0.49);
      const price = level[i].toFixed(4);
      lines.push(`${day},${asset},${price},${price},${price},${price},2000`);
    });
  }
  return `${lines.join('\n')}\n`;
}

test(
  'weights become fills at later bars, with costs, parts and cash that is never overdrawn',
  { timeout: 120_000 },
  async () => {
    const folder = scratchFolder();
    const first = DAYS.length - 30;
    let now = 0;
    await using host = await openTestEngine({
      workspace: join(folder, 'w'),
      now: () => now,
    });
    const { client, engine } = host;
    const other = createInlineClient(engine.router, 'second');
    const bring = async (days: number) => {
      const file = join(folder, 'prices.csv');
      writeFileSync(file, prices(days));
      now = Date.parse(`${DAYS[days - 1]}T22:00:00Z`);
      const { job } = await client.datasets.import({ name: 'market', prices: [file] });
      expect(await host.finished(job)).toMatchObject({ error: null, status: 'succeeded' });
    };
    await bring(first);
    const { job } = await client.runs.start({
      config: {
        data: { dataset: 'market' },
        model: { forecast: null, optimizer: { id: 'equal-weight' } },
        backtest: { window: { train: 126 }, lookback: 63 },
        experiment: { bootstrap: { replications: 100 } },
      },
    });
    expect(await host.finished(job)).toMatchObject({ error: null, status: 'succeeded' });

    await expect(client.orders.preview({})).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('holdings import'),
    });
    await client.holdings.import({
      account: 'paper',
      asOf: DAYS[first - 1],
      text: 'asset,shares\nCASH,50000\nAAA,900\n',
    });
    const wish = { account: 'paper', maxAdvShare: 0.5 };
    const limit = (id: string, kind: 'position' | 'sector', max: number, handling: 'block' | 'scale') =>
      client.limits.configure({ config: { limits: [{ id, kind, max, handling }] } });
    await limit('small', 'position', 0.2, 'block');
    await expect(client.orders.propose(wish)).rejects.toMatchObject({ code: 'CONFLICT', data: { limits: ['small'] } });
    await limit('small', 'position', 0.2, 'scale');
    const scaled = await client.orders.preview(wish);
    expect(scaled.limits).toMatchObject([{ outcome: 'scaled', holds: true }]);
    expect(scaled.limits[0].value).toBeLessThanOrEqual(0.2);
    // No sector is known of these assets: that is a violation, until another person waives it.
    await limit('sectors', 'sector', 1, 'block');
    await expect(client.orders.propose(wish)).rejects.toMatchObject({ message: expect.stringContaining('no sector') });
    const waiver = { limit: 'sectors', until: `${DAYS[DAYS.length - 1]}T00:00:00Z`, reason: 'sectors come next week' };
    await expect(client.limits.waive({ ...waiver, requestedBy: 'test' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await client.limits.waive({ ...waiver, requestedBy: 'desk' });
    expect((await client.orders.preview(wish)).limits).toMatchObject([
      { outcome: 'waived', holds: false, value: null },
    ]);
    expect(await client.limits.check({})).toMatchObject({ holds: false, limits: [{ outcome: 'waived' }] });
    const { breaches } = await client.limits.breaches({});
    expect(breaches.map(({ stage, outcome }) => `${stage} ${outcome}`)).toEqual([
      'post-trade waived',
      'pre-trade blocks',
      'pre-trade blocks',
    ]);
    expect((await client.alerts.list({ rule: 'limits.breach' })).total).toBe(2);
    const plan = await client.orders.preview(wish);
    expect(plan.orders.map(({ asset, side }) => `${side} ${asset}`)).toEqual(['sell AAA', 'buy BBB', 'buy CCC']);
    expect(plan.cashAfter).toBeGreaterThanOrEqual(0);
    expect((await client.orders.list({})).total).toBe(0);
    const list = await client.orders.propose(wish);
    expect(list.plan).toEqual(plan);
    await expect(client.orders.propose(wish)).rejects.toMatchObject({ code: 'CONFLICT', data: { list: list.id } });
    await expect(client.orders.approve({ list: list.id, hash: list.contentHash })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await other.orders.approve({ list: list.id, hash: list.contentHash });
    await client.orders.release({ list: list.id });

    // There is no later bar yet, so nothing can be filled: the price that was decided with is not one to fill at.
    expect(await client.orders.advance({})).toEqual({ executions: 0, open: 3 });
    await bring(first + 1);
    await client.orders.advance({});
    expect(await client.orders.advance({})).toMatchObject({ executions: 0 });
    const day = await client.orders.show({ list: list.id });
    for (const { filled, shares, state } of day.orders) {
      expect(filled).toBeLessThanOrEqual(1_000);
      expect(state).toBe(filled === shares ? 'filled' : filled > 0 ? 'partially-filled' : 'sent');
    }
    await bring(DAYS.length);
    await client.orders.advance({});
    const done = await client.orders.show({ list: list.id });
    expect(done.state).toBe('done');
    const book = await client.holdings.show({ account: 'paper' });
    expect(book.source).toContain(list.id);
    expect(book.cash).toBeGreaterThanOrEqual(0);
    for (const { asset, side, filled } of done.orders) {
      const before = asset === 'AAA' ? 900 : 0;
      const held = book.positions.find((position) => position.asset === asset)?.shares ?? 0;
      expect(held).toBe(before + (side === 'buy' ? filled : -filled));
    }
    const { events } = await client.topics.history({ topic: 'orders.execution' });
    const traded = events.filter(({ data }) => data.lastPrice !== null);
    expect(traded.length).toBeGreaterThanOrEqual(3);
    const { events: approvals } = await client.topics.history({ topic: 'weights.approved' });
    expect(approvals.map(({ data }) => data.approvedBy)).toEqual([['test', 'second']]);
    await expect(client.orders.propose(wish)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('has filled'),
    });
  },
);
