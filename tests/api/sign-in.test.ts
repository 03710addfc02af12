import { expect, test } from 'vitest';
import { CODE_LIFETIME_MS, createSignIn } from '#engine/api/sign-in';
import { proofOf, hashToken, tokenId } from '#engine/api/tokens';
import { startApiHost, type ApiHost } from '../support/api-host';
import { HEALTHY, recordingHandlers } from '../support/recording-handlers';

async function redeem(host: ApiHost, code: string): Promise<{ status: number; token: string | undefined }> {
  const response = await fetch(`${host.server.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  const body = (await response.json()) as { token?: string }; // a problem document has no token
  return { status: response.status, token: body.token };
}

test('a one-time code gives a session token once, and the token opens the API', async () => {
  await using host = await startApiHost(recordingHandlers([], HEALTHY));
  const code = host.signIn.issue();
  const first = await redeem(host, code);
  expect(first.status).toBe(200);
  const health = await fetch(`${host.server.url}/api/v1/system/health`, {
    headers: { 'x-api-token': String(first.token) },
  });
  expect(health.status).toBe(200);
  expect(await redeem(host, code)).toEqual({ status: 401, token: undefined });
});

test('a code expires after a minute of monotonic time', async () => {
  let time = 1_000;
  await using host = await startApiHost(recordingHandlers([]), { now: () => time });
  const kept = host.signIn.issue();
  const late = host.signIn.issue();
  time += CODE_LIFETIME_MS - 1;
  expect((await redeem(host, kept)).status).toBe(200);
  time += 1;
  expect((await redeem(host, late)).status).toBe(401);
});

test('codes are independent, and guesses neither work nor use up a code', () => {
  const signIn = createSignIn(() => 0);
  const codes = Array.from({ length: 5 }, () => signIn.issue());
  expect(new Set(codes).size).toBe(5);
  expect(signIn.redeem('')).toBe(false);
  expect(signIn.redeem(`${codes[0]}x`)).toBe(false);
  expect(codes.map((code) => signIn.redeem(code))).toEqual([true, true, true, true, true]);
});

test('a signed-in caller can ask for another code, a stranger cannot', async () => {
  await using host = await startApiHost(recordingHandlers([]));
  const response = await host.fetch('/api/v1/session/code', { method: 'POST' });
  const { code } = (await response.json()) as { code: string }; // checked by redeeming it
  expect((await redeem(host, code)).status).toBe(200);
  const stranger = await fetch(`${host.server.url}/api/v1/session/code`, { method: 'POST' });
  expect(stranger.status).toBe(401);
});

test('the host proves that it knows a token before it is shown one', async () => {
  await using host = await startApiHost(recordingHandlers([]));
  const nonce = 'ab'.repeat(16);
  const ask = async (id: string) => {
    const headers = { 'x-sextant-challenge': `${id}.${nonce}` };
    const response = await fetch(`${host.server.url}/api/v1/system/health`, { headers });
    expect(response.status).toBe(401);
    return response.headers.get('x-sextant-proof');
  };
  expect(await ask(tokenId(host.token))).toBe(proofOf(hashToken(host.token), `127.0.0.1:${host.server.port}`, nonce));
  expect(await ask('0123456789abcdef')).toBeNull();
});

test('tokens never appear in log lines', async () => {
  const lines: string[] = [];
  const keep = (message: string, fields?: object) => void lines.push(JSON.stringify([message, fields]));
  const log = { debug: keep, info: keep, warn: keep, error: keep };
  await using host = await startApiHost(recordingHandlers([], HEALTHY), { log });
  await host.fetch('/api/v1/system/health');
  await host.fetch('/api/v1/system/info');
  const session = await redeem(host, host.signIn.issue());
  expect(lines).toHaveLength(2);
  expect(JSON.parse(lines[0])).toEqual([
    'call',
    {
      component: 'api',
      operation: 'system.health',
      transport: 'http',
      actor: 'test',
      code: 'OK',
      ms: expect.any(Number),
    },
  ]);
  for (const secret of [host.token, String(session.token)]) expect(lines.join('\n')).not.toContain(secret);
});
