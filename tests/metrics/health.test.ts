/** Health of a real engine: each part's trouble is seen, named, dated and alerted once, and the probes and the exit code follow. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { silentLog } from '#base/log';
import type { HealthComponent } from '#contract/health';
import type { Storage } from '#contract/system';
import { sloConfigSchema } from '#contract/slos';
import { serveApi } from '#engine/api/serve-api';
import { productChecks, type HealthCheckOptions } from '#engine/health/checks';
import { createHealthService, worstOf, type Finding } from '#engine/health/health-service';
import { createDatabase, openReadOnly, type Database } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { createTestHost, openTestEngine } from '../support/engine-host';
import { scratchFolder } from '../support/scratch';
import { TEST_KEY } from '../support/store-schemas';

const NOW = Date.UTC(2026, 0, 5, 12);
const HOUR = 3_600_000;

let folder: string;
let database: Database;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-health-'));
  database = createDatabase({ file: join(folder, 'workspace.db'), key: TEST_KEY, migrations });
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

async function look(component: HealthComponent, over: Partial<HealthCheckOptions> = {}): Promise<Finding> {
  const checks = productChecks({
    database,
    folder,
    keys: { read: async () => ({ key: TEST_KEY, source: 'key-file' }) },
    key: TEST_KEY,
    keySource: 'key-file',
    now: () => NOW,
    startedAt: NOW - 24 * HOUR,
    runningJobs: () => 0,
    storage: () => storage('ok', null),
    schedules: { clockTrusted: () => true, heldUntil: () => null, overdue: () => 0 },
    backups: {
      list: () => [{ createdAt: new Date(NOW - HOUR).toISOString() }],
      problem: () => null,
      lastDrill: () => null,
    },
    datasetsInUse: () => [],
    slos: () => [],
    ...over,
  });
  const found = await checks.find((check) => check.component === component)?.look();
  if (found === undefined) throw new Error(`Expected a check of ${component}.`);
  return found;
}

const schedules = { clockTrusted: () => true, heldUntil: () => null, overdue: () => 0 };
const backups = { list: () => [], problem: () => null, lastDrill: () => null };
const storage = (state: Storage['state'], message: string | null): Storage => ({
  state,
  since: '',
  freeBytes: 3 * 2 ** 30,
  totalBytes: null,
  message,
});
const age = (behind: number | null) => [{ dataset: 'sp500', lastDate: '2025-12-30', behind }];
const drill = { at: '', backup: '', passed: false, detail: 'a page is gone', seconds: 1 };

describe('a part', () => {
  it.each<[string, HealthComponent, Partial<HealthCheckOptions>, Finding['state'], RegExp]>([
    ['store', 'store', {}, 'ok', /takes changes/],
    ['key', 'key', {}, 'ok', /next start/],
    ['key gone', 'key', { keys: { read: async () => null } }, 'degraded', /no longer/],
    ['another key', 'key', { key: new Uint8Array(32) }, 'degraded', /another key/],
    ['key unreadable', 'key', { keys: { read: () => Promise.reject(new Error('x')) } }, 'degraded', /no longer/],
    ['disk', 'disk', {}, 'ok', /3.0 GiB are free/],
    ['disk low', 'disk', { storage: () => storage('low', 'nearly full') }, 'degraded', /nearly full/],
    ['disk full', 'disk', { storage: () => storage('full', 'full') }, 'failing', /full/],
    ['read-only', 'disk', { storage: () => storage('read-only', 'no writing') }, 'failing', /no writing/],
    ['clock leapt', 'clock', { schedules: { ...schedules, clockTrusted: () => false } }, 'degraded', /leapt/],
    ['overdue', 'schedules', { schedules: { ...schedules, overdue: () => 2 } }, 'degraded', /2 schedules/],
    ['held', 'schedules', { schedules: { ...schedules, overdue: () => 2, heldUntil: () => NOW } }, 'ok', /Every/],
    ['no backup', 'backups', { backups }, 'degraded', /no backup/],
    ['just started', 'backups', { backups, startedAt: NOW }, 'ok', /within minutes/],
    ['backup failed', 'backups', { backups: { ...backups, problem: () => 'ENOSPC' } }, 'failing', /ENOSPC/],
    ['drill failed', 'backups', { backups: { ...backups, lastDrill: () => drill } }, 'failing', /a page is gone/],
    ['fresh', 'data', { datasetsInUse: () => age(1) }, 'ok', /1 sessions behind/],
    ['stale', 'data', { datasetsInUse: () => age(2) }, 'degraded', /2 sessions behind/],
    ['old', 'data', { datasetsInUse: () => age(6) }, 'failing', /6 sessions behind/],
    ['no such data', 'data', { datasetsInUse: () => age(null) }, 'degraded', /sp500, which is not there/],
  ])('%s', async (_name, component, over, state, detail) => {
    const found = await look(component, over);
    expect(found).toMatchObject({ state, detail: expect.stringMatching(detail) });
    expect(found.action === undefined).toBe(state === 'ok');
  });

  it('queue: a job that waits while nothing runs', async () => {
    const insert = database.prepare(
      `INSERT INTO jobs (id, kind, subject, title, status, payload, created_at) VALUES ('x', 'run', '', '', 'queued', '{}', ?)`,
    );
    insert.run(NOW - HOUR);
    expect(await look('queue')).toMatchObject({ state: 'degraded', detail: expect.stringContaining('for 60 min') });
    expect(await look('queue', { runningJobs: () => 1 })).toMatchObject({ state: 'ok' });
    expect(await look('queue', { now: () => NOW - 2 * HOUR })).toMatchObject({ state: 'ok' }); // the clock went back
    database.exec('DELETE FROM jobs');
  });

  it('store: one that can be read and not written fails', async () => {
    const readOnly = openReadOnly({ file: join(folder, 'workspace.db'), key: TEST_KEY });
    expect(await look('store', { database: readOnly })).toMatchObject({
      state: 'failing',
      detail: expect.stringContaining('can be read and not written'),
    });
    readOnly.close();
    expect(await look('store', { folder: join(folder, 'gone') })).toMatchObject({
      state: 'failing',
      action: expect.stringContaining('writable'),
    });
  });
});

describe('the service', () => {
  it('says since when, alerts once while a part fails, resolves after it, and takes a part that throws for failing', async () => {
    let now = NOW;
    let state: Finding['state'] | 'throws' = 'ok';
    const told: string[] = [];
    const changed: string[] = [];
    const service = createHealthService({
      checks: [
        {
          component: 'disk',
          look() {
            if (state === 'throws') throw new Error('EIO');
            return { state, detail: 'x' };
          },
        },
      ],
      clock: { now: () => now, monotonic: () => now, after: () => () => {} },
      log: silentLog,
      alerts: {
        raise: ({ subject }) => told.push(`+${subject}`),
        resolve: (_rule, subject) => told.push(`-${subject}`),
      },
      onChange: (component) => changed.push(component),
    });
    service.start();
    const seen: string[] = [];
    for (const next of ['ok', 'degraded', 'failing', 'throws', 'failing', 'ok', 'ok'] as const) {
      state = next;
      now += 1000;
      const [disk] = await service.look();
      seen.push(`${disk.state} ${(Date.parse(disk.since) - NOW) / 1000}`);
    }
    expect(seen).toEqual(['ok 1', 'degraded 2', 'failing 3', 'failing 3', 'failing 3', 'ok 6', 'ok 6']);
    expect(told).toEqual(['-disk', '-disk', '+disk', '-disk']);
    expect(changed).toEqual(['disk', 'disk', 'disk']);
    now -= 5 * HOUR; // back
    const [disk] = await service.look();
    expect(Date.parse(disk.since)).toBe(now);
    await service.close();
  });

  it('takes the worst of its parts for the whole', () => {
    expect(worstOf([])).toBe('ok');
    expect(worstOf([{ state: 'ok' }, { state: 'failing' }, { state: 'degraded' }])).toBe('failing');
  });
});

describe('a real host', () => {
  it('shows every part, at the probes too, and a failing part makes it not ready while it lives', async () => {
    await using host = await openTestEngine();
    const { status, components } = await host.client.system.health({});
    expect(components.map(({ component }) => component)).toEqual([
      ...['store', 'key', 'disk', 'queue', 'clock', 'schedules', 'backups', 'data', 'slos'],
    ]);
    expect([status, components.filter(({ state }) => state !== 'ok')]).toEqual(['ok', []]);
    const api = await serveApi({
      engine: host.engine,
      host: createTestHost({ workspace: host.workspace }),
      port: 0,
      rendererDir: null,
    });
    const headers = { 'x-api-token': readFileSync(api.tokenFile, 'utf8') };
    const probe = async (path: string) => (await fetch(`${api.url}${path}`, { headers })).status;
    expect([await probe('/health'), await probe('/ready')]).toEqual([200, 200]);
    // A schedule whose data is two years old.
    await host.finished((await host.client.datasets.generate({ name: 'old' })).job);
    const params = { dataset: 'old' };
    await host.client.schedules.create({ name: 's', flow: 'feature-build', params, everySeconds: 86_400 });
    expect(await host.client.system.health({})).toMatchObject({ status: 'failing' });
    expect([await probe('/health'), await probe('/ready')]).toEqual([200, 503]);
    expect((await host.client.alerts.list({})).alerts).toMatchObject([{ rule: 'health.failing', subject: 'data' }]);
    await host.client.schedules.remove({ schedule: 's' });
    expect(await probe('/ready')).toBe(200);
    expect((await host.client.alerts.list({})).alerts).toEqual([]);
    await api.close();
  });

  it('counts calls towards its service levels, keeps them over a restart, and ships the configuration that it has without one', async () => {
    const workspace = join(scratchFolder(), 'workspace');
    {
      await using host = await openTestEngine({ workspace });
      for (let i = 0; i < 25; i++) await host.client.jobs.list({});
      await host.client.jobs.show({ job: '01JDA3N6X7Q8R9S0T1V2W3X4Y5' }).catch(() => {});
    }
    await using host = await openTestEngine({ workspace });
    const { slos, config } = await host.client.slos.list({});
    const [availability, reads] = slos;
    expect(availability).toMatchObject({ slo: 'availability', good: 26, bad: 0, state: 'ok', budgetLeft: 1 });
    expect(reads).toMatchObject({ slo: 'read-latency', good: expect.any(Number) });
    expect(reads.good + reads.bad).toBe(25);
    const shipped = sloConfigSchema.parse(parse(readFileSync('configs/slos/slo_config.yaml', 'utf8')));
    expect(shipped).toEqual(config);
    await host.client.slos.configure({ config: { ...config, windowDays: 7 } });
    expect((await host.client.slos.list({})).windowDays).toBe(7);
    expect((await host.client.audit.list({ action: 'setting.changed' })).total).toBe(1);
  });
});
