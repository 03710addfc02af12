/**
 * A process that detects and sends until it kills itself: `node script.mjs FILE URL FROM KILL [direct]`. It raises one alert per period from
 * FROM on; at period KILL it dies with the alert stored and nothing sent yet. `direct` is the sabotage: the event is not written with
 * the alert, but sent from memory afterwards.
 */
import { existsSync } from 'node:fs';
import { silentLog } from '#base/log';
import { createAlertService } from '#engine/alerts/alert-service';
import { createHooks } from '#engine/hooks';
import { createDatabase, openDatabase } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { createUlid } from '#engine/store/ulid';
import { TEST_KEY as key } from './store-schemas';

const PERIODS = 3;

const [file, url, from, kill, mode] = process.argv.slice(2);
const database = existsSync(file) ? openDatabase({ file, key, migrations }) : createDatabase({ file, key, migrations });
const hooks = createHooks({
  database,
  audit: { append: () => undefined },
  host: { now: Date.now, log: silentLog },
  privacy: { admit: () => undefined },
  changes: { publish: () => undefined },
  models: () => {
    throw new Error('no models');
  },
});
const caller = {
  actor: 'test',
  transport: 'inline',
  scopes: new Set<never>(),
  signal: undefined,
  lastEventId: undefined,
} as const;
if ((await hooks.handlers.webhooks.list({}, caller)).webhooks.length === 0) {
  await hooks.handlers.webhooks.create(
    { name: 'desk', url, topics: ['*'], description: '', allowPrivate: false },
    caller,
  );
}
hooks.start();

const unwritten: unknown[] = [];
const direct = createAlertService({
  database,
  audit: { append: () => undefined },
  publish: (_topic, payload) => {
    unwritten.push(payload);
    return createUlid(Date.now());
  },
  now: Date.now,
  onChange: () => undefined,
});
const alerts = mode === 'direct' ? direct : hooks.alerts;

for (let period = Number(from); period < Number(from) + PERIODS; period++) {
  const raise = () =>
    alerts.raise({
      rule: 'risk.daily-loss',
      severity: 'error',
      subject: 'paper',
      message: 'Lost.',
      period: String(period),
    });
  raise();
  raise();
  if (period === Number(kill)) process.kill(process.pid, 'SIGKILL');
  for (const data of unwritten.splice(0)) {
    await fetch(url, { method: 'POST', body: JSON.stringify({ data }), headers: { 'webhook-id': 'direct' } });
  }
  await new Promise(setImmediate);
  await hooks.settled();
}
await hooks.close();
database.close();
