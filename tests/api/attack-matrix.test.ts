/** W1–W4 of the threat list: rebinding, cross-site requests, preflights, framing and sniffing, on every route by every method. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API_PREFIX } from '#contract/client';
import { originGate } from '#engine/api/gates';
import { SECURITY_HEADERS } from '#engine/api/security-headers';
import { startApiHost, type ApiHost } from '../support/api-host';
import { ambiguousFrames, foreignPages, hostileHosts, METHODS, routes, SIMPLE_BODIES } from '../support/attack-forms';
import { rawRequest, type RawAnswer } from '../support/raw-request';
import { recordingHandlers, type Reached } from '../support/recording-handlers';

const reached: Reached[] = [];
let host: ApiHost;
let port: number;

beforeAll(async () => {
  host = await startApiHost(recordingHandlers(reached));
  port = host.server.port;
});
afterAll(() => host[Symbol.asyncDispose]());

const IS_LONG = process.env.SEXTANT_LONG === '1';

/**
 * All combinations in the long mode. Otherwise a seventh, chosen so that every form meets every route once, and the
 * methods take turns: a route or a form that is let through is still found.
 */
function isDrawn(form: number, route: number, method: number): boolean {
  return IS_LONG || (form + route + method) % METHODS.length === 0;
}

interface Attempt {
  readonly name: string;
  readonly text: string;
}

function attempt(method: string, path: string, lines: readonly string[], type?: string, body = ''): Attempt {
  const bodyLines = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const typeLines = type === undefined ? [] : [`Content-Type: ${type}`];
  const head = [`${method} ${path} HTTP/1.1`, ...lines, ...typeLines, ...bodyLines, 'Connection: close'];
  return { name: `${method} ${path} ${lines.join(' | ')}`, text: `${head.join('\r\n')}\r\n\r\n${body}` };
}

/** Runs attempts a few at a time; returns each with its answer. */
async function run(attempts: readonly Attempt[], at = port): Promise<[Attempt, RawAnswer][]> {
  const results: [Attempt, RawAnswer][] = [];
  let next = 0;
  const worker = async () => {
    while (next < attempts.length) {
      const item = attempts[next++];
      results.push([item, await rawRequest(at, item.text)]);
    }
  };
  await Promise.all(Array.from({ length: 24 }, worker));
  return results;
}

function rebindingAttempts(at: number, token: string): Attempt[] {
  return hostileHosts(at).flatMap(({ target = '', lines }, form) =>
    routes.flatMap(({ path }, route) =>
      METHODS.filter((_, method) => isDrawn(form, route, method)).map((method) =>
        attempt(method, `${target}${path}`, [...lines, `X-API-Token: ${token}`]),
      ),
    ),
  );
}

test('no spelling of a foreign host is accepted by any route and method, even with the right token', async () => {
  const results = await run(rebindingAttempts(port, host.token));
  const accepted = results.filter(([, answer]) => answer.status !== 421 && answer.status !== 400);
  expect(accepted.map(([{ name }, { status }]) => `${status} ${name}`)).toEqual([]);
  expect(results.length).toBe(hostileHosts(port).length * routes.length * (IS_LONG ? METHODS.length : 1));
  expect(new Set(results.map(([, { body }]) => body))).toEqual(new Set(['']));
  expect(reached).toEqual([]);
}, 600_000);

test('sabotage: without the host gate the same requests get through', async () => {
  const calls: Reached[] = [];
  await using open = await startApiHost(recordingHandlers(calls), { gates: [originGate] });
  const results = await run(rebindingAttempts(open.server.port, open.token), open.server.port);
  expect(results.filter(([, { status }]) => status !== 421 && status !== 400).length).toBeGreaterThan(1000);
  expect(calls.length).toBeGreaterThan(500);
}, 600_000);

test('a page of another origin is refused on every route, also with the right token, and its preflight gets no permission', async () => {
  const own = `Host: 127.0.0.1:${port}`;
  const attempts = foreignPages(port).flatMap((lines, form) =>
    routes.flatMap(({ path }, route) =>
      METHODS.filter((_, method) => isDrawn(form, route, method)).map((method) =>
        attempt(method, path, [own, ...lines, `X-API-Token: ${host.token}`]),
      ),
    ),
  );
  const results = await run(attempts);
  expect(
    results.filter(([, { status }]) => status !== 403).map(([{ name }, { status }]) => `${status} ${name}`),
  ).toEqual([]);
  expect(reached).toEqual([]);
}, 600_000);

test('what a page can send without a preflight changes nothing: no token, or a body that is not JSON', async () => {
  const own = `Host: 127.0.0.1:${port}`;
  const writes = routes.filter(({ api }) => api);
  const withoutToken = writes.flatMap(({ path }) =>
    METHODS.flatMap((method) =>
      [{ type: 'application/json', body: '{}' }, ...SIMPLE_BODIES].map(({ type, body }) =>
        attempt(method, path, [own], type, method === 'GET' || method === 'HEAD' ? '' : body),
      ),
    ),
  );
  for (const [{ name }, { status }] of await run(withoutToken)) expect(`${status} ${name}`).toBe(`401 ${name}`);
  const simple = writes
    .filter(({ method, path }) => method === 'POST' && !path.endsWith('/upload'))
    .flatMap(({ method, path }) =>
      SIMPLE_BODIES.map(({ type, body }) => attempt(method, path, [own, `X-API-Token: ${host.token}`], type, body)),
    );
  for (const [{ name }, { status }] of await run(simple)) expect([400, 401], name).toContain(status);
  expect(reached).toEqual([]);
}, 600_000);

test('every unauthenticated answer is the same, byte for byte, whatever is asked for', async () => {
  const own = `Host: 127.0.0.1:${port}`;
  const wrong = [[], ['X-API-Token: wrong'], ['Authorization: Bearer wrong'], ['Authorization: Basic dTpw']];
  const both = [`X-API-Token: ${host.token}`, 'Authorization: Bearer other'];
  const api = routes.filter((route) => route.api && !route.path.endsWith('/session'));
  const attempts = [...wrong, both].flatMap((lines) =>
    api.flatMap(({ path }) =>
      METHODS.filter((method) => method !== 'HEAD').map((method) => attempt(method, path, [own, ...lines])),
    ),
  );
  const results = await run(attempts);
  const answers = results.map(([, { status, headers, body }]) => {
    // The time and a random number of the request tell nothing about what was asked for.
    const fixed = [...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id');
    return JSON.stringify([status, fixed, body]);
  });
  expect(new Set(answers).size).toBe(1);
  expect(results[0][1].status).toBe(401);
  expect(reached).toEqual([]);
});

test('every answer carries the security headers and none speaks of cookies or other origins', async () => {
  const own = `Host: 127.0.0.1:${port}`;
  const token = `X-API-Token: ${host.token}`;
  const attempts = routes.flatMap(({ method, path }) => [
    attempt(method, path, [own]),
    attempt(method, path, [own, token]),
    attempt('OPTIONS', path, [own, 'Origin: http://evil.example', 'Access-Control-Request-Method: POST']),
    attempt('OPTIONS', path, [own, token, 'Access-Control-Request-Private-Network: true']),
    attempt(method, path, ['Host: evil.example']),
  ]);
  for (const [{ name }, { headers }] of await run(attempts)) {
    for (const [header, value] of Object.entries(SECURITY_HEADERS)) {
      expect(headers.get(header.toLowerCase()), `${header} of ${name}`).toBe(value);
    }
    const forbidden = [...headers.keys()].filter((header) =>
      /^access-control|^set-cookie|^server$|^x-powered/.test(header),
    );
    expect(forbidden, name).toEqual([]);
  }
  reached.length = 0;
});

test('an upgrade is a request like any other and passes the same gates', async () => {
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: x', 'Sec-WebSocket-Version: 13'];
  const path = `${API_PREFIX}/system/changes`;
  const send = (lines: readonly string[]) =>
    rawRequest(port, [`GET ${path} HTTP/1.1`, ...lines, ...upgrade, '', ''].join('\r\n'));
  expect((await send(['Host: evil.example'])).status).toBe(421);
  expect((await send([`Host: 127.0.0.1:${port}`, 'Origin: http://evil.example'])).status).toBe(403);
  expect((await send([`Host: 127.0.0.1:${port}`, 'Connection: close'])).status).toBe(401);
});

test('a request that two readers could end in different places is refused whole, and nothing behind it is read', async () => {
  const own = [`Host: 127.0.0.1:${port}`, `X-API-Token: ${host.token}`, 'Content-Type: application/json'];
  const smuggled = `GET ${API_PREFIX}/system/health HTTP/1.1\r\n${own.slice(0, 2).join('\r\n')}\r\nConnection: close\r\n\r\n`;
  const writes = [`POST ${API_PREFIX}/runs/latest/cancel`, `PUT ${API_PREFIX}/runs/latest/note`];
  const attempts = writes.flatMap((target) =>
    ambiguousFrames(smuggled).map(({ name, text }) => ({
      name: `${target}: ${name}`,
      text: `${target} HTTP/1.1\r\n${own.join('\r\n')}\r\n${text}`,
    })),
  );
  for (const [{ name }, { status, body }] of await run(attempts)) {
    expect(status, name).toBe(400);
    expect(body, name).not.toContain('HTTP/1.1');
  }
  expect(reached).toEqual([]);
  // The same request with one clear end is read.
  const clear = ['Content-Length: 2', 'Connection: close', '', '{}'];
  const answer = await rawRequest(port, [`${writes[0]} HTTP/1.1`, ...own, ...clear].join('\r\n'));
  expect([answer.status, reached.length]).toEqual([503, 1]);
  reached.length = 0;
});

test.runIf(IS_LONG)(
  'a body that drips is given up after the time for a request',
  async () => {
    const head = [
      `PUT ${API_PREFIX}/runs/latest/note HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      `X-API-Token: ${host.token}`,
    ];
    const body = ['Content-Type: application/json', 'Content-Length: 1000', '', '{'];
    const started = performance.now();
    const answer = await rawRequest(port, [...head, ...body].join('\r\n'));
    expect([0, 408]).toContain(answer.status);
    expect(performance.now() - started).toBeLessThan(45_000);
    expect(reached).toEqual([]);
  },
  60_000,
);

test('the server listens on the loopback interface alone', async () => {
  const { readFileSync } = await import('node:fs');
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const listening = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.includes(`:${hex} `) && / 0A /.test(line)),
  );
  expect(listening.map((line) => line.trim().split(/\s+/)[1])).toEqual([`0100007F:${hex}`]);
});
