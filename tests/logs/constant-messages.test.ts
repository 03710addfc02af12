/** Messages of log lines stay readable in the files, so none may be put together from what was found: that belongs into a field. */
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;
/** The full disk says which folder is full; the log takes the home folder out of it. */
const KNOWN = ['src/engine/store/storage-monitor.ts'];
const COMPOSED = /\blog\.(?:debug|info|warn|error)\(\s*(?:`|[a-z]\w*[,.()]|'[^']*'\s*\+)/;

it('every message in the engine, its hosts and the store is a constant', () => {
  const composed = globSync('src/{engine,headless,main}/**/*.ts', { cwd: ROOT })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => COMPOSED.test(readFileSync(`${ROOT}${path}`, 'utf8')));
  expect(composed).toEqual(KNOWN);
});

it('sabotage: a message that is put together is noticed', () => {
  for (const line of [
    'log.info(line, {})',
    'log.warn(`found ${name}`)',
    "log.error('found ' + name)",
    'log.error(\n  message,',
  ]) {
    expect(COMPOSED.test(line)).toBe(true);
  }
  expect(COMPOSED.test("log.info('Constant.', { found })")).toBe(false);
});
