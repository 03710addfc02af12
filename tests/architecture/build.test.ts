/**
 * What the build made, read as files: which modules each process can reach, whether the preload can run in a sandbox and
 * the page under its content policy. `npm test` builds first; without a build there is nothing to look at.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const OUT = fileURLToPath(new URL('../../out', import.meta.url));
const isBuilt = existsSync(join(OUT, '.build-stamp.json'));
const IMPORT = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["']([^"'\n]+)["']/g;

/** Names of all modules from outside that a bundle reaches, through any of its chunks, eagerly or lazily. */
function reach(entry: string): Set<string> {
  const outside = new Set<string>();
  const waiting = [join(OUT, entry)];
  for (const seen = new Set(waiting); waiting.length > 0;) {
    const file = waiting.pop() ?? '';
    for (const [, name] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      const path = join(dirname(file), name);
      if (!name.startsWith('.')) outside.add(name);
      else if (existsSync(path) && !seen.has(path)) {
        seen.add(path);
        waiting.push(path);
      }
    }
  }
  return outside;
}

describe.skipIf(!isBuilt)('the build', () => {
  it('lets only the desktop program reach Electron', () => {
    expect([...reach('main/index.js')]).toContain('electron');
    for (const entry of ['main/cli.js', 'main/headless.js', 'main/worker.js']) {
      expect([...reach(entry)], entry).not.toContain('electron');
    }
  });

  it('lets no worker reach the database, the network or the keychain', () => {
    expect([...reach('main/cli.js')]).toContain('better-sqlite3');
    const worker = [...reach('main/worker.js')];
    expect(worker).toContain('@duckdb/node-api');
    for (const name of ['better-sqlite3', 'node:http', 'node:https', 'node:net', '@napi-rs/keyring']) {
      expect(worker).not.toContain(name);
    }
  });

  it('makes a preload that a sandbox can load: one file, nothing but Electron', () => {
    expect([...reach('preload/index.cjs')]).toEqual(['electron']);
  });

  it('makes a page without inline script and without an address outside', () => {
    const page = readFileSync(join(OUT, 'renderer/index.html'), 'utf8');
    const scripts = [...page.matchAll(/<script\b([^>]*)>([^<]*)/g)];
    expect(scripts.length).toBeGreaterThan(0);
    for (const [, attributes, body] of scripts) {
      expect(attributes).toMatch(/src="\.?\//);
      expect(body.trim()).toBe('');
    }
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page).not.toMatch(/\son[a-z]+=/);
  });
});
