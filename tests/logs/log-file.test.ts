/** Log files: a line is whole or lost, a file ends with its day or when it is full, all together stay bounded, and no failure reaches the caller. */
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logFiles, openLogFile, type LogFileOptions } from '#engine/logs/log-file';
import { retainedLogs } from '#engine/logs/log-retention';
import { scratchFolder } from '../support/scratch';

const NOON = Date.UTC(2026, 0, 15, 12);
const DAY = 86_400_000;

function fileIn(folder: string, options: Partial<LogFileOptions> = {}) {
  const troubles: unknown[] = [];
  const file = openLogFile({
    folder,
    now: () => NOON,
    retryMs: 0,
    onTrouble: (error) => void troubles.push(error),
    ...options,
  });
  return { file, troubles };
}

const linesIn = (folder: string): string[] =>
  logFiles(folder).flatMap(({ name }) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean));

describe('rotation', () => {
  it('loses no line over sizes and days, whatever the clock does, and keeps the order within a day', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3 * DAY, max: 3 * DAY }), { maxLength: 40 }), (times) => {
        const folder = join(scratchFolder(), 'logs');
        let now = NOON;
        const { file, troubles } = fileIn(folder, { now: () => now, fileBytes: 60 });
        const said = times.map((time, i) => {
          now = NOON + time;
          file.append(`{"n":${i},"day":"${new Date(now).toISOString().slice(0, 10)}"}`);
          return i;
        });
        file.close();
        const found = linesIn(folder).map((line) => JSON.parse(line) as { n: number; day: string });
        expect(found.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(said);
        for (const day of new Set(found.map((line) => line.day))) {
          const ofDay = found.filter((line) => line.day === day).map(({ n }) => n);
          expect(ofDay).toEqual(ofDay.toSorted((a, b) => a - b));
        }
        expect(troubles).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('removes the oldest files beyond the limit of all together', () => {
    const folder = join(scratchFolder(), 'logs');
    const { file } = fileIn(folder, { fileBytes: 1_000, allBytes: 5_000 });
    for (let i = 0; i < 200; i++) file.append(JSON.stringify({ i, text: 'x'.repeat(100) }));
    file.close();
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(bytes).toBeLessThan(7_000);
    expect(linesIn(folder).at(-1)).toContain('"i":199');
  });

  it('goes by whole days for retention, and says what is gone', () => {
    const folder = join(scratchFolder(), 'logs');
    let now = NOON;
    const { file } = fileIn(folder, { now: () => now });
    for (let day = 0; day < 5; day++, now += DAY) file.append('{}');
    file.close();
    const kept = retainedLogs(folder);
    const before = NOON + 2 * DAY;
    expect(kept.due(before)).toEqual(['sextant-2026-01-15.jsonl', 'sextant-2026-01-16.jsonl']);
    expect(kept.remove(before)).toBe(2);
    expect([kept.countDue(before), kept.count()]).toEqual([0, 3]);
  });
});

describe('files', () => {
  it('are readable by their owner alone, also one that was not', () => {
    const folder = join(scratchFolder(), 'logs');
    mkdirSync(folder);
    writeFileSync(join(folder, 'sextant-2026-01-15.jsonl'), '', { mode: 0o644 });
    fileIn(folder).file.append('{}');
    expect(statSync(join(folder, 'sextant-2026-01-15.jsonl')).mode & 0o777).toBe(0o600);
  });

  it('begin anew behind a line that a crash cut off', () => {
    const folder = join(scratchFolder(), 'logs');
    fileIn(folder).file.append('{"n":1}');
    appendFileSync(join(folder, 'sextant-2026-01-15.jsonl'), '{"n":2,"cut');
    fileIn(folder).file.append('{"n":3}');
    expect(linesIn(folder)).toEqual(['{"n":1}', '{"n":2,"cut', '{"n":3}']);
  });

  it('are never written through a link', () => {
    const folder = join(scratchFolder(), 'logs');
    const target = join(scratchFolder(), 'target');
    mkdirSync(folder);
    writeFileSync(target, 'mine');
    symlinkSync(target, join(folder, 'sextant-2026-01-15.jsonl'));
    const { file, troubles } = fileIn(folder);
    file.append('{}');
    expect(readFileSync(target, 'utf8')).toBe('mine');
    expect(troubles).toHaveLength(1);
  });

  it('that cannot be written cost their lines and nothing else; it is said once, and again only after they could', () => {
    const parent = scratchFolder();
    const folder = join(parent, 'logs');
    writeFileSync(folder, 'in the way');
    const { file, troubles } = fileIn(folder);
    for (let i = 0; i < 10; i++) file.append('{}');
    expect(troubles).toHaveLength(1);
    rmSync(folder);
    file.append('{"n":1}');
    expect(linesIn(folder)).toEqual(['{"n":1}']);
    file.close();
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'in the way again');
    file.append('{}');
    expect(troubles).toHaveLength(2);
  });
});
