import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startApiHost } from '../support/api-host';
import { rawRequest } from '../support/raw-request';
import { recordingHandlers } from '../support/recording-handlers';
import { scratchFolder } from '../support/scratch';

function builtScreen(): string {
  const folder = join(scratchFolder(), 'renderer');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Sextant</title>');
  writeFileSync(join(folder, 'assets', 'index-abc123.js'), 'export {};');
  writeFileSync(join(folder, 'assets', 'inter.woff2'), 'font');
  writeFileSync(join(folder, '..', 'secret.txt'), 'secret');
  return folder;
}

test('the page is asked for every time, files with a hash in their name never again', async () => {
  await using host = await startApiHost(recordingHandlers([]), { rendererDir: builtScreen() });
  const get = async (path: string) => {
    const response = await fetch(`${host.server.url}${path}`);
    return [response.status, response.headers.get('content-type'), response.headers.get('cache-control')];
  };
  expect(await get('/')).toEqual([200, 'text/html; charset=utf-8', 'no-cache']);
  expect(await get('/runs')).toEqual([200, 'text/html; charset=utf-8', 'no-cache']);
  const immutable = 'public, max-age=31536000, immutable';
  expect(await get('/assets/index-abc123.js')).toEqual([200, 'text/javascript; charset=utf-8', immutable]);
  expect(await get('/assets/inter.woff2')).toEqual([200, 'font/woff2', immutable]);
  expect(await get('/assets/gone.js')).toEqual([404, 'application/problem+json', 'no-store']);
  const head = await fetch(`${host.server.url}/`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('no path leads out of the folder', async () => {
  await using host = await startApiHost(recordingHandlers([]), { rendererDir: builtScreen() });
  const paths = [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets\\..\\..\\secret.txt',
    '//secret.txt',
  ];
  for (const path of paths) {
    const text = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${host.server.port}\r\nConnection: close\r\n\r\n`;
    const { status, body } = await rawRequest(host.server.port, text);
    expect(body, path).not.toContain('secret</');
    expect(body.includes('secret') && status === 200, path).toBe(false);
  }
});

test('a screen that was not built says so', async () => {
  await using host = await startApiHost(recordingHandlers([]));
  const response = await fetch(`${host.server.url}/`);
  expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('npm run build')]);
});
