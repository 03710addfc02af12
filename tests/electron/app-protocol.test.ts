/** `app://sextant/` serves the built screen and nothing that lies beside it, whatever the address looks like. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isAppAddress, serveApp } from '#main/app-protocol';
import { session } from './electron-stand-in';
import { builtFolder } from './start-desktop';

function serve(built = builtFolder()): (url: string, init?: RequestInit) => Promise<Response> {
  serveApp(session.defaultSession as never, join(built, 'renderer'));
  const handler = session.defaultSession.protocols.get('app');
  return async (url, init) => {
    if (handler === undefined) throw new Error('nothing answers');
    return handler(new Request(url, init));
  };
}

it('serves the page and its files with their types and the security headers', async () => {
  const get = serve();
  const page = await get('app://sextant/');
  expect(await page.text()).toContain('<title>Sextant</title>');
  expect(page.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('X-Content-Type-Options')).toBe('nosniff');
  const script = await get('app://sextant/assets/index-1a2b.js?v=1#top');
  expect(script.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8');
});

it.each([
  'app://sextant/../secret.txt',
  'app://sextant/..%2fsecret.txt',
  'app://sextant/%2e%2e/secret.txt',
  'app://sextant/%2e%2e%2fsecret.txt',
  'app://sextant/assets/..%5c..%5csecret.txt',
  'app://sextant/assets/....//secret.txt',
  'app://sextant//etc/passwd',
  'app://sextant/index.html%00.js',
  'app://sextant/assets',
  'app://sextant/link.txt',
  'app://other/index.html',
  'app://sextant:81/index.html',
])('answers 404 to %s', async (url) => {
  const built = builtFolder();
  symlinkSync(join(built, 'secret.txt'), join(built, 'renderer', 'link.txt'));
  const answer = await serve(built)(url);
  expect(answer.status).toBe(404);
  expect(await answer.text()).not.toContain('not for the page');
});

it('never serves what lies outside, for any path', async () => {
  const get = serve();
  const piece = fc.constantFrom('..', '.', '%2e%2e', '%2f', '\\', '/', 'assets', 'secret.txt', 'index.html', '%00', '');
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const answer = await get(`app://sextant/${pieces.join('/')}`);
      expect(await answer.text()).not.toContain('not for the page');
    }),
    { numRuns: 500 },
  );
});

it.each(['POST', 'PUT', 'DELETE', 'HEAD'])('answers 405 to %s', async (method) => {
  expect((await serve()('app://sextant/', { method })).status).toBe(405);
});

it('compares addresses part by part', () => {
  expect(isAppAddress('app://sextant/index.html#/runs')).toBe(true);
  for (const forged of [
    'app://sextant.evil.example/',
    'app:sextant',
    'https://sextant/',
    'file://sextant/',
    'app://sextant@evil/',
    'apps://sextant/',
    '',
    'not an address',
  ]) {
    expect(isAppAddress(forged), forged).toBe(false);
  }
});
