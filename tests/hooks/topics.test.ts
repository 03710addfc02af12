/** Events are written with their change, read in order, and only once the change is certain. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createAlertService } from '#engine/alerts/alert-service';
import type { AuditEntry } from '#engine/audit/audit-log';
import { createDatabase, inTransaction } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { createOutbox } from '#engine/topics/outbox';
import { openTestEngine } from '../support/engine-host';
import { scratchFolder } from '../support/scratch';

function open(now: () => number = Date.now) {
  const database = createDatabase({ file: join(scratchFolder(), 'a.db'), key: randomBytes(32), migrations });
  const outbox = createOutbox({ database, now });
  const audited: AuditEntry[] = [];
  const alerts = createAlertService({
    database,
    audit: { append: (entry) => void audited.push(entry) },
    publish: outbox.publish,
    now,
    onChange: () => undefined,
  });
  return { database, outbox, alerts, audited };
}

const BAR = { open: null, high: null, low: null, close: 1, volume: null, currency: 'USD', source: 'test' } as const;
const spx = { ...BAR, assetClass: 'index', instrument: 'SPX', date: '2026-01-02' } as const;

describe('the outbox', () => {
  it('forgets what was rolled back, and tells listeners of what was not', async () => {
    const { database, outbox } = open();
    const seen: number[] = [];
    const stop = outbox.onPublished(() => seen.push(outbox.head()));
    expect(() =>
      inTransaction(database, () => {
        outbox.publish('md.index.SPX', spx);
        throw new Error('no');
      }),
    ).toThrow('no');
    await nextTurn();
    expect(outbox.after(0, 10)).toEqual([]);
    inTransaction(database, () => {
      outbox.publish('md.index.SPX', spx);
      outbox.publish('md.index.SPX', { ...spx, date: '2026-01-05' });
    });
    await nextTurn();
    const rows = outbox.after(0, 10);
    expect(rows.map(({ topic, version }) => [topic, version])).toEqual([
      ['md.index.SPX', 1],
      ['md.index.SPX', 1],
    ]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
    expect(outbox.after(rows[0].seq, 10)).toEqual([rows[1]]);
    expect(seen.at(-1)).toBe(rows[1].seq);
    stop();
    expect(() => database.exec(`UPDATE outbox SET payload = '{}'`)).toThrow('does not change');
    database.close();
  });

  it('refuses unknown topics, other payloads, and a change that is not being made', () => {
    const { database, outbox } = open();
    expect(() => outbox.publish('md.index.SPX', spx)).toThrow('in the transaction');
    inTransaction(database, () => {
      // As a caller without types would.
      expect(() => Reflect.apply(outbox.publish, null, ['md.planet.X', spx])).toThrow('no such topic');
      expect(() => Reflect.apply(outbox.publish, null, ['md', spx])).toThrow('no such topic');
      expect(() => Reflect.apply(outbox.publish, null, ['md.index.SPX', { ...spx, close: NaN }])).toThrow('close');
      expect(() => Reflect.apply(outbox.publish, null, ['md.index.SPX', { ...spx, secret: 1 }])).toThrow('secret');
    });
    expect(outbox.head()).toBe(0);
    database.close();
  });
});

describe('alerts', () => {
  it('are one per rule and subject until resolved, worsen, and are published with their audit entry', () => {
    const { database, outbox, alerts, audited } = open();
    const breach = { rule: 'risk.max-drawdown', severity: 'warning', subject: 'paper', message: 'Too deep.' } as const;
    const first = alerts.raise(breach);
    expect(alerts.raise(breach)).toEqual({ alert: first.alert, isNew: false });
    expect(alerts.raise({ ...breach, severity: 'critical' })).toEqual({ alert: first.alert, isNew: false });
    expect(alerts.raise({ ...breach, severity: 'info' })).toEqual({ alert: first.alert, isNew: false });
    expect(alerts.raise({ ...breach, subject: 'other' }).isNew).toBe(true);
    expect(alerts.resolve(breach.rule, breach.subject)).toBe(1);
    expect(alerts.resolve(breach.rule, breach.subject)).toBe(0);
    expect(alerts.raise(breach).isNew).toBe(true);
    const states = outbox.after(0, 100).map(({ payload }) => {
      const { state, severity, subject } = JSON.parse(payload);
      return `${subject} ${state} ${severity}`;
    });
    expect(states).toEqual([
      'paper raised warning',
      'paper worsened critical',
      'other raised warning',
      'paper resolved critical',
      'paper raised warning',
    ]);
    expect(audited.map(({ action }) => action)).toEqual([
      'alert.raised',
      'alert.worsened',
      'alert.raised',
      'alert.resolved',
      'alert.raised',
    ]);
    database.close();
  });

  it('of a named period are raised once, also after they were resolved', () => {
    const { database, outbox, alerts } = open();
    const daily = {
      rule: 'risk.daily-loss',
      severity: 'error',
      subject: 'paper',
      message: 'x',
      period: '2026-01-02',
    } as const;
    const { alert } = alerts.raise(daily);
    alerts.resolve(daily.rule, daily.subject);
    expect(alerts.raise(daily)).toEqual({ alert, isNew: false });
    expect(alerts.raise({ ...daily, period: '2026-01-05' }).isNew).toBe(true);
    expect(outbox.after(0, 100)).toHaveLength(3);
    database.close();
  });
});

it('what is stored is published with it, and a reader of the stream resumes behind what it saw', async () => {
  await using host = await openTestEngine();
  const { client } = host;
  const heard: string[] = [];
  const leave = new AbortController();
  const following = (async () => {
    for await (const event of await client.topics.follow({ topic: 'data.*' }, { signal: leave.signal })) {
      heard.push(event.id);
      leave.abort();
    }
  })();
  const { job } = await client.datasets.generate({ preset: 'small', seed: 1 });
  await host.finished(job);
  await following;
  const { events, next } = await client.topics.history({ topic: ['data.refreshed', 'md.*'] });
  const dataset = await client.datasets.show({ dataset: 'latest' });
  expect(events).toEqual([
    expect.objectContaining({
      topic: 'data.refreshed',
      version: 1,
      data: expect.objectContaining({ dataset: dataset.id, contentHash: dataset.contentHash, version: 1 }),
    }),
  ]);
  expect(heard).toEqual([events[0].id]);
  expect((await client.topics.history({ topic: '*', after: next })).events).toEqual([]);
  const { topics } = await client.topics.list({});
  expect(topics.map(({ topic }) => topic)).toContain('md.<asset class>.<instrument>');
  await expect(client.topics.history({ topic: 'weights.sold' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

it('events leave by age, with a proof, but never while one is still to be delivered', async () => {
  const workspace = scratchFolder();
  let now = Date.UTC(2026, 0, 1);
  {
    await using first = await openTestEngine({ workspace, now: () => now });
    const { client } = first;
    await client.privacy.delete({});
    await first.finished((await client.datasets.generate({ name: 'told', preset: 'small', seed: 1 })).job);
    // Nothing listens on port 9 (discard); it stays pending while its receiver is disabled.
    await client.webhooks.create({ name: 'desk', url: 'http://127.0.0.1:9/', topics: ['data.*'] });
    await first.finished((await client.datasets.generate({ name: 'untold', preset: 'small', seed: 2 })).job);
    await nextTurn();
    await client.webhooks.disable({ webhook: 'desk' });
  }
  now += 100 * 86_400_000;
  await using later = await openTestEngine({ workspace, now: () => now });
  const { client } = later;
  expect((await client.privacy.delete({})).proofs).toEqual([]); // the clock has leapt
  now += 43_200_000;
  const { proofs } = await client.privacy.delete({});
  expect(proofs.find(({ kind }) => kind === 'events')).toMatchObject({ removed: 1, remaining: 0 });
  const { events } = await client.topics.history({});
  expect(events.map(({ data }) => data.name)).toEqual(['untold']);
});
