/** Local only is held and written down, data leaves by age with a proof, exports can be switched off, a workspace can be erased. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { privacyConfigSchema } from '#contract/privacy';
import { guardConnections, isLocalHost } from '#engine/privacy/connection-guard';
import { openTestEngine } from '../support/engine-host';

const DAY = 86_400_000;
/** Addresses that no packet of this test may reach; the guard stands before any look-up. */
const FOREIGN = ['203.0.113.7', 'api.example.com', '127.0.0.1.example.com', '10.0.0.1', '2001:db8::1'];

function failure(open: () => ReturnType<typeof connect>): Promise<Error> {
  return new Promise((resolve, reject) => {
    const socket = open();
    socket.once('error', resolve);
    socket.once('connect', () => reject(new Error('connected')));
  });
}

describe('local only', () => {
  test.each(FOREIGN)('%s is refused before anything leaves, and the attempt is written down', async (host) => {
    await using engine = await openTestEngine();
    expect(await engine.client.privacy.connections({})).toEqual({ connections: [], total: 0 });
    await expect(failure(() => connect({ host, port: 443 }))).resolves.toMatchObject({ code: 'FORBIDDEN' });
    await expect(failure(() => connect(443, host))).resolves.toMatchObject({ code: 'FORBIDDEN' });
    await expect(failure(() => connectTls({ host, port: 443 }))).resolves.toMatchObject({ code: 'FORBIDDEN' });
    const reason = await fetch(`http://${host.includes(':') ? `[${host}]` : host}/`).catch(
      (error: Error) => error.cause,
    );
    expect(reason).toMatchObject({ code: 'FORBIDDEN' });
    const { connections, total } = await engine.client.privacy.connections({});
    expect(total).toBe(4);
    expect(connections.every(({ outcome }) => outcome === 'refused')).toBe(true);
  });

  test('what the configuration names may be called, and is written down too', async () => {
    await using engine = await openTestEngine();
    const config = privacyConfigSchema.parse({ localOnly: false, allowedHosts: ['192.0.2.55'] });
    await engine.client.privacy.configure({ config });
    let asked = 0;
    // Stands behind the engine's own policy and refuses after it, so that nothing leaves in this test either.
    const release = guardConnections(() => {
      asked++;
      return false;
    });
    await expect(failure(() => connect({ host: '192.0.2.55', port: 443 }))).resolves.toMatchObject({
      code: 'FORBIDDEN',
    });
    release();
    expect(asked).toBe(1);
    const { connections } = await engine.client.privacy.connections({});
    expect(connections).toMatchObject([{ host: '192.0.2.55', port: 443, outcome: 'allowed' }]);
  });

  describe('with a server on this machine', () => {
    let server: Server;
    let port: number;

    beforeAll(async () => {
      server = createServer((socket) => socket.end('hello'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      ({ port } = server.address() as AddressInfo); // it listens on a port
    });

    afterAll(() => new Promise((resolve) => server.close(resolve)));

    test('this machine can always be reached, and that is nobody’s business', async () => {
      await using engine = await openTestEngine();
      for (const host of ['127.0.0.1', 'localhost']) {
        await new Promise((resolve, reject) => connect({ host, port }).once('data', resolve).once('error', reject));
      }
      expect((await engine.client.privacy.connections({})).total).toBe(0);
    });

    test('sabotage: without the guard nothing would be refused or written down', async () => {
      const seen: string[] = [];
      const release = guardConnections(({ host }) => {
        seen.push(host);
        return false;
      });
      release();
      await new Promise((resolve, reject) =>
        connect({ host: '127.0.0.1', port }).once('data', resolve).once('error', reject),
      );
      expect(seen).toEqual([]);
    });
  });

  test('only this machine is local', () => {
    expect(['127.0.0.1', '127.8.9.10', 'localhost', 'LOCALHOST', '::1', '::ffff:127.0.0.1'].every(isLocalHost)).toBe(
      true,
    );
    expect(
      ['localhost.example.com', '0.0.0.0', '127.0.0.1.nip.io', '', 'localhost.', ...FOREIGN].some(isLocalHost),
    ).toBe(false);
  });
});

describe('retention', () => {
  test('is previewed, deletes by age with a proof in the audit log, and only by age', async () => {
    let now = Date.UTC(2026, 0, 1);
    const workspace = mkdtempSync(join(tmpdir(), 'sextant-retention-'));
    try {
      {
        await using old = await openTestEngine({ workspace, now: () => now });
        await old.client.privacy.delete({});
        for (let i = 0; i < 5; i++) await old.client.portfolios.list({});
      }
      now += 364 * DAY;
      await using engine = await openTestEngine({ workspace, now: () => now });
      const { client } = engine;
      await client.portfolios.list({});
      now += 2 * DAY;
      const preview = await client.privacy.retention({});
      expect(preview.blocked).toMatch(/clock is 366 days ahead/);
      expect(preview.kinds.find(({ kind }) => kind === 'accesses')).toMatchObject({ due: 5, kept: 1, days: 365 });
      expect(await client.privacy.delete({})).toMatchObject({ proofs: [] });
      expect((await client.audit.accesses({})).total).toBe(6);
      now += DAY / 2;
      const { proofs, blocked } = await client.privacy.delete({});
      expect(blocked).toBeNull();
      expect(proofs.find(({ kind }) => kind === 'accesses')).toMatchObject({ removed: 5, remaining: 0 });
      expect(proofs.find(({ kind }) => kind === 'audit')?.removed).toBeGreaterThan(0);
      expect((await client.audit.accesses({})).total).toBe(1);
      const { entries } = await client.audit.list({ action: 'retention.deleted' });
      expect(entries.map(({ object }) => object).sort()).toEqual(['accesses', 'audit', 'logs']);
      expect((await client.audit.verify({})).fault).toBeNull();
      now -= 10 * 60_000;
      expect((await client.privacy.delete({})).blocked).toMatch(/went back by 10 minutes/);
    } finally {
      rmSync(workspace, { recursive: true, force: true });
    }
  });
});

test('exports can be switched off, and the refusal is in the audit log', async () => {
  await using engine = await openTestEngine();
  const { client } = engine;
  await client.privacy.configure({ config: privacyConfigSchema.parse({ exports: false }) });
  await expect(client.portfolios.export({ portfolio: 'latest' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const { entries } = await client.audit.list({ action: 'portfolios.export' });
  expect(entries).toMatchObject([{ detail: { code: 'FORBIDDEN' } }]);
  await client.privacy.configure({ config: privacyConfigSchema.parse({}) });
  await expect(client.portfolios.export({ portfolio: 'latest' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a workspace is erased only by its full name, and then nothing of it is left', async () => {
  const workspace = join(mkdtempSync(join(tmpdir(), 'sextant-erase-')), 'mine');
  mkdirSync(workspace);
  const { engine, client } = await openTestEngine({ workspace });
  await expect(client.privacy.erase({ confirm: 'min' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  expect(existsSync(join(workspace, 'workspace.db'))).toBe(true);
  const stopped = new Promise<void>((resolve) => engine.onShutdown(resolve));
  await client.privacy.erase({ confirm: basename(workspace) });
  await stopped;
  await engine.close();
  expect(existsSync(workspace)).toBe(false);
});

test('the privacy file that is shipped says what holds without one', () => {
  const shipped: unknown = parse(readFileSync('configs/privacy/privacy_config.yaml', 'utf8'));
  expect(shipped).toEqual(privacyConfigSchema.parse({}));
});

test('personal data in a price file is reported, and nowhere in the workspace afterwards', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-personal-'));
  try {
    const rows = Array.from({ length: 300 }, (_, i) => {
      const day = new Date(Date.UTC(2024, 0, 1) + i * DAY).toISOString().slice(0, 10);
      return `${day},ABC,${i === 150 ? 'oops' : 10 + i / 100},DE89370400440532013000,ann.lee@example.com,Ann Lee`;
    });
    writeFileSync(join(folder, 'p.csv'), ['date,ticker,close,account,email,owner', ...rows, ''].join('\n'));
    await using engine = await openTestEngine();
    const { client } = engine;
    const { job, dataset } = await client.datasets.import({ name: 'mine', prices: [join(folder, 'p.csv')] });
    expect(await engine.finished(job)).toMatchObject({ status: 'succeeded' });
    const { rejects } = await client.datasets.rejects({ dataset });
    expect(rejects[0].text).toMatch(/,oops,\[account removed\],\[e-mail removed\],\[name removed\]$/);
    const { findings } = await client.datasets.quality({ dataset });
    expect(findings.find(({ kind }) => kind === 'personal_data')).toMatchObject({ count: 3 });
    expect(JSON.stringify([rejects, findings, await client.jobs.show({ job })])).not.toMatch(/ann\.lee|DE8937|Ann Lee/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
