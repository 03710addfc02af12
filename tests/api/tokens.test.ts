/** Tokens that outlive the host, through a real engine over real HTTP: made, used, limited, renewed, revoked, expired. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { apiConfigSchema } from '#contract/api';
import { serveWorkspace, type Served } from '#headless/serve';
import { createClient, httpLink, type Client } from '#contract/client';
import { createInlineClient } from '#engine/api/inline';
import { createTestHost } from '../support/engine-host';

const DAY = 86_400_000;
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Desk extends AsyncDisposable {
  readonly served: Served;
  /** All scopes, inside the process. */
  readonly owner: Client;
  readonly workspace: string;
  /** Moves the wall clock. */
  pass(ms: number): void;
  client(secret: string): Client;
  status(secret: string, path?: string, init?: RequestInit): Promise<number>;
}

async function openDesk(workspace = mkdtempSync(join(tmpdir(), 'sextant-tokens-'))): Promise<Desk> {
  folders.push(workspace);
  let ahead = 0;
  const served = await serveWorkspace({
    host: createTestHost({ workspace, now: () => Date.now() + ahead }),
    port: 0,
    rendererDir: null,
  });
  return {
    served,
    workspace,
    owner: createInlineClient(served.engine.router, 'owner'),
    pass: (ms) => void (ahead += ms),
    client: (secret) => createClient(httpLink({ url: served.url, token: () => secret })),
    async status(secret, path = '/system/health', init = {}) {
      const response = await fetch(`${served.url}/api/v1${path}`, {
        ...init,
        headers: { 'x-api-token': secret, ...(init.body === undefined ? {} : { 'content-type': 'application/json' }) },
      });
      await response.arrayBuffer();
      return response.status;
    },
    [Symbol.asyncDispose]: () => served.close(),
  };
}

test('a token opens what its scopes say, is shown once, and is found again after a restart', async () => {
  const first = await openDesk();
  const { secret, issued } = await first.owner.tokens.create({ name: 'reader', scopes: ['read'] });
  expect(secret).toMatch(/^sxt_[\w-]{43}$/);
  expect(issued).toMatchObject({ name: 'reader', scopes: ['read'], perMinute: 60, status: 'active', lastUsedAt: null });
  expect(await first.status(secret)).toBe(200);
  expect(await first.status(secret, '/datasets/generate', { method: 'POST', body: '{}' })).toBe(403);
  const { tokens } = await first.owner.tokens.list({});
  expect(tokens).toHaveLength(1);
  expect(Date.now() - Date.parse(tokens[0].lastUsedAt ?? '')).toBeLessThan(60_000);
  expect(JSON.stringify(tokens)).not.toContain(secret);
  await first[Symbol.asyncDispose]();

  await using second = await openDesk(first.workspace);
  expect(await second.status(secret)).toBe(200);
  expect((await second.owner.tokens.list({})).tokens[0].lastUsedAt).not.toBeNull();
  expect(await second.status(`${secret.slice(0, -1)}_`)).toBe(401);
});

test('a renewed secret works at once, and the one before is refused by the next request', async () => {
  await using desk = await openDesk();
  const before = await desk.owner.tokens.create({ name: 'desk' });
  const after = await desk.owner.tokens.rotate({ token: 'desk' });
  expect(after.issued.id).toBe(before.issued.id);
  expect([await desk.status(before.secret), await desk.status(after.secret)]).toEqual([401, 200]);
  await desk.owner.tokens.revoke({ token: 'desk' });
  expect(await desk.status(after.secret)).toBe(401);
  await expect(desk.owner.tokens.rotate({ token: 'desk' })).rejects.toMatchObject({ code: 'CONFLICT' });
  // The name is free again.
  const next = await desk.owner.tokens.create({ name: 'desk' });
  expect(await desk.status(next.secret)).toBe(200);
});

test('a token ends at its end, also while its event stream is open', async () => {
  await using desk = await openDesk();
  const { secret, issued } = await desk.owner.tokens.create({ name: 'short', days: 1 });
  expect(Date.parse(issued.expiresAt ?? '') - Date.parse(issued.createdAt)).toBe(DAY);
  desk.pass(DAY - 5_000);
  expect(await desk.status(secret)).toBe(200);
  desk.pass(5_000);
  expect(await desk.status(secret)).toBe(401);
  expect((await desk.owner.tokens.list({})).tokens[0]).toMatchObject({ status: 'expired' });

  const open = await desk.owner.tokens.create({ name: 'open', days: 1 });
  const events = await desk.client(open.secret).system.changes({});
  const end = events.next();
  desk.pass(DAY - 300);
  // Any change asks when the next token comes to its end.
  await desk.owner.tokens.create({ name: 'other' });
  expect(await end).toMatchObject({ value: { noun: 'tokens' } });
  await expect(
    (async () => {
      for (;;) await events.next();
    })(),
  ).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a token that is revoked in mid-stream ends the stream with UNAUTHORIZED; others go on', async () => {
  await using desk = await openDesk();
  const doomed = await desk.owner.tokens.create({ name: 'doomed' });
  const other = await desk.owner.tokens.create({ name: 'other' });
  const abort = new AbortController();
  const streams = await Promise.all(
    [doomed, other].map(({ secret }) => desk.client(secret).system.changes({}, { signal: abort.signal })),
  );
  const [ends, lasts] = streams;
  const first = ends.next();
  await desk.owner.tokens.limit({ token: 'other', perMinute: 99 });
  expect(await first).toMatchObject({ value: { noun: 'tokens', id: other.issued.id } });
  expect(await lasts.next()).toMatchObject({ value: { noun: 'tokens', id: other.issued.id } });
  const rest = (async () => {
    for (;;) await ends.next();
  })();
  await desk.owner.tokens.revoke({ token: 'doomed' });
  await expect(rest).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(await lasts.next()).toMatchObject({ value: { id: doomed.issued.id } });
  abort.abort();
});

test('a changed rate counts what was asked before it, upwards and downwards', async () => {
  await using desk = await openDesk();
  const { secret } = await desk.owner.tokens.create({ name: 'busy', perMinute: 5 });
  const ask = async (times: number) => {
    const statuses: number[] = [];
    for (let i = 0; i < times; i++) statuses.push(await desk.status(secret));
    return statuses;
  };
  expect(await ask(6)).toEqual([200, 200, 200, 200, 200, 429]);
  await desk.owner.tokens.limit({ token: 'busy', perMinute: 7 });
  expect(await ask(3)).toEqual([200, 200, 429]);
  await desk.owner.tokens.limit({ token: 'busy', perMinute: 3 });
  expect(await ask(1)).toEqual([429]);
  const { secret: renewed } = await desk.owner.tokens.rotate({ token: 'busy' });
  expect(await desk.status(renewed)).toBe(429);
});

test('nobody hands out what they do not hold', async () => {
  await using desk = await openDesk();
  const scopes = new Set(['read', 'execute'] as const);
  const limited = createInlineClient(desk.served.engine.router, 'limited', scopes);
  await expect(limited.tokens.create({ name: 'more', scopes: ['read', 'export'] })).rejects.toMatchObject({
    code: 'FORBIDDEN',
    data: { missing: ['export'] },
  });
  await desk.owner.tokens.create({ name: 'full', scopes: ['read', 'train', 'export', 'execute'] });
  await expect(limited.tokens.rotate({ token: 'full' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const { secret } = await limited.tokens.create({ name: 'same', scopes: ['read'] });
  expect(await desk.status(secret, '/tokens', { method: 'POST', body: '{"name":"x"}' })).toBe(403);
  await expect(desk.owner.tokens.create({ name: 'same' })).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(desk.owner.tokens.revoke({ token: 'nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a backup does not bring a revoked token back, and keeps one that stands', async () => {
  await using desk = await openDesk();
  const stands = await desk.owner.tokens.create({ name: 'stands' });
  const revoked = await desk.owner.tokens.create({ name: 'revoked' });
  const renewed = await desk.owner.tokens.create({ name: 'renewed' });
  const backup = await desk.owner.backups.create({});
  await desk.owner.tokens.revoke({ token: 'revoked' });
  await desk.owner.tokens.rotate({ token: 'renewed' });
  await desk.owner.backups.restore({ backup: backup.id });
  expect(await desk.status(stands.secret)).toBe(200);
  expect(await desk.status(revoked.secret)).toBe(401);
  expect(await desk.status(renewed.secret)).toBe(401);
});

test('every change is in the audit log; no secret is in it, in the database or anywhere else in the workspace', async () => {
  const desk = await openDesk();
  const secrets = [
    (await desk.owner.tokens.create({ name: 'a' })).secret,
    (await desk.owner.tokens.rotate({ token: 'a' })).secret,
  ];
  const headers = {
    'x-api-token': readFileSync(desk.served.tokenFile, 'utf8'),
    'content-type': 'application/json',
    'idempotency-key': 'k1',
  };
  const post = () =>
    fetch(`${desk.served.url}/api/v1/tokens`, { method: 'POST', headers, body: JSON.stringify({ name: 'b' }) });
  const made = (await (await post()).json()) as { secret: string };
  secrets.push(made.secret);
  // A repeat makes nothing and tells nothing.
  const repeated = await post();
  expect(repeated.status).toBe(409);
  expect(await repeated.text()).not.toContain(made.secret);
  await desk.owner.tokens.revoke({ token: 'a' });
  const { entries } = await desk.owner.audit.list({});
  const written = entries.filter(({ action }) => action.startsWith('tokens.'));
  expect(written.map(({ action, object }) => `${action} ${object}`)).toEqual([
    `tokens.revoke ${written[0].object}`,
    'tokens.create b',
    'tokens.rotate a',
    'tokens.create a',
  ]);
  const plain = JSON.stringify([entries, await desk.owner.audit.accesses({}), await desk.owner.tokens.list({})]);
  for (const secret of secrets) expect(plain).not.toContain(secret);
  await desk[Symbol.asyncDispose]();
  for (const entry of readdirSync(desk.workspace, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name), 'latin1');
    for (const secret of secrets) expect(bytes.includes(secret), entry.name).toBe(false);
  }
});

test('the API file that is shipped says what holds without one, and can be put in force', async () => {
  const shipped = apiConfigSchema.parse(parse(readFileSync('configs/api/api_config.yaml', 'utf8')));
  expect(shipped).toEqual(apiConfigSchema.parse({}));
  await using desk = await openDesk();
  const { secret } = await desk.owner.tokens.create({ name: 'plain' });
  await desk.owner.api.configure({ config: { ...shipped, perMinute: 2 } });
  expect([await desk.status(secret), await desk.status(secret), await desk.status(secret)]).toEqual([200, 200, 429]);
});
