/** Between detecting and sending a process may die: each alert exists once and reaches its receiver. Its twin without the outbox loses some. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDatabase, openDatabase } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { buildScript } from '../support/build-script';
import { startChild } from '../support/child';
import { scratchFolder } from '../support/scratch';
import { TEST_KEY as key } from '../support/store-schemas';
import { WebhookReceiver } from '../support/webhook-receiver';

const KILLS = process.env.SEXTANT_LONG === '1' ? 200 : 3;

async function detectUnderKills(mode: 'outbox' | 'direct', kills: number) {
  await using receiver = await WebhookReceiver.open();
  const script = await buildScript('tests/support/hooks-child.ts');
  const file = join(scratchFolder(), 'workspace.db');
  createDatabase({ file, key, migrations }).close();
  for (let round = 0; round < kills; round++) {
    await startChild(script, [file, receiver.url(), String(round * 3), String(round * 3 + (round % 3)), mode]).closed;
  }
  await startChild(script, [file, receiver.url(), String(kills * 3), '-1', mode]).closed;
  const database = openDatabase({ file, key, migrations });
  const alerts = database.prepare<[], string>('SELECT id FROM alerts').pluck().all();
  const events = database
    .prepare<[], string>(`SELECT json_extract(payload, '$.alert') FROM outbox ORDER BY 1`)
    .pluck()
    .all();
  database.close();
  const told = receiver.received.map(({ id, body }) => ({ id, alert: String(JSON.parse(body).data.alert) }));
  return { alerts, events, told };
}

it(
  `${KILLS} kills between detect and send: one alert, one event, and told under one identifier`,
  { timeout: 600_000 },
  async () => {
    const { alerts, events, told } = await detectUnderKills('outbox', KILLS);
    expect(alerts.length).toBeGreaterThan(KILLS);
    expect(events).toEqual([...alerts].sort());
    expect(new Set(told.map(({ alert }) => alert))).toEqual(new Set(alerts));
    expect(new Set(told.map(({ id, alert }) => `${id} ${alert}`)).size).toBe(alerts.length);
  },
);

it('the twin that sends from memory loses what it had detected', { timeout: 60_000 }, async () => {
  const { alerts, told } = await detectUnderKills('direct', 1);
  expect(alerts.length).toBeGreaterThan(new Set(told.map(({ alert }) => alert)).size);
});
