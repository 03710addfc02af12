/** Facts about the repository itself: documents name files that exist, the lock file is whole, no machine's details leak in. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { completeLock, missingEntries } from '../../scripts/fill-lock.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
interface Lock {
  readonly packages: Record<string, { resolved?: string; integrity?: string; optional?: boolean }>;
}
const lock: Lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
const DOCUMENTS = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'README.md'].filter((name) => existsSync(join(ROOT, name)));

/** Paths in back quotes that begin with a folder of the repository; `<noun>` stands for any name. */
function namedPaths(text: string): string[] {
  const quoted = [...text.matchAll(/`([^`\s]+)`/g)].map(([, path]) => path.replaceAll(/<[^>]+>/g, '*'));
  return quoted.filter((path) => /^(src|scripts|tests|docs|configs|bench|build|resources|\.ci|\.github)\//.test(path));
}

it.each(DOCUMENTS)('every path that %s names exists', (name) => {
  const text = readFileSync(join(ROOT, name), 'utf8');
  const missing = namedPaths(text).filter(
    (path) => !existsSync(join(ROOT, path)) && globSync(path, { cwd: ROOT }).length === 0,
  );
  expect(missing).toEqual([]);
});

it('finds a path that does not exist', () => {
  expect(namedPaths('see `src/no/such.ts`, not `npm test`')).toEqual(['src/no/such.ts']);
});

it('has a lock file that npm ci accepts on every platform', () => {
  expect(missingEntries(lock)).toEqual([]);
});

it('notices a lock file without an optional platform package', () => {
  const broken = structuredClone(lock);
  delete broken.packages['node_modules/@oxlint/binding-darwin-arm64'];
  expect(missingEntries(broken).map(({ name }) => name)).toEqual(['@oxlint/binding-darwin-arm64']);
  expect(missingEntries(completeLock(broken))).toEqual([]);
});

it('locks every package that is downloaded by its hash, and names no registry', () => {
  const entries = Object.entries(lock.packages).slice(1);
  expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  expect(entries.filter(([, { integrity, optional }]) => integrity === undefined && optional !== true)).toEqual([]);
});

it('runs no install script of any package', () => {
  const own: { allowScripts: Record<string, boolean> } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(Object.values(own.allowScripts).filter(Boolean)).toEqual([]);
});

it('names no path of a particular machine', () => {
  const pattern = ['/wo', 'rk/(main|shared)|/ro', 'ot/'].join('');
  const { stdout } = spawnSync('git', ['grep', '-lE', pattern, '--', '.', ':!package-lock.json'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
});
