import { expect, test } from 'vitest';
import { createProgress } from '#headless/progress';
import { formatTable, percent, show } from '#headless/table';
import { testTerminal } from '../support/test-terminal';

const step = (n: number) => ({ stage: 'fit', detail: 'ridge', step: n, of: 10 });

test('on a terminal progress is one moving line that leaves nothing behind', () => {
  const terminal = testTerminal({}, { isTerminal: true, columns: 40 });
  const progress = createProgress(terminal.stderr);
  progress.show(step(5));
  progress.show(step(10));
  progress.done();
  const lines = terminal.err().split('\r\u001b[K');
  expect(lines).toEqual([
    '',
    `${'█'.repeat(12)}${'░'.repeat(12)}  50 % fit ridg`,
    `${'█'.repeat(24)} 100 % fit ridg`,
    '',
  ]);
});

test('elsewhere it is a plain line per stage and quarter, without control characters', () => {
  const terminal = testTerminal();
  const progress = createProgress(terminal.stderr, () => 0);
  for (let n = 0; n <= 10; n++) progress.show(step(n));
  progress.show({ stage: 'statistics', detail: '', step: 0, of: 0 });
  progress.done();
  expect(terminal.err()).toBe(
    '  fit ridge 0 %\n  fit ridge 30 %\n  fit ridge 50 %\n  fit ridge 80 %\n  fit ridge 100 %\n  statistics 0 %\n',
  );
});

test('warnings of a job stay, information does not', () => {
  const terminal = testTerminal();
  const progress = createProgress(terminal.stderr);
  for (const level of ['info', 'warn', 'error'] as const) {
    progress.event({ type: 'log', seq: 1, at: '2026-01-01T00:00:00Z', level, message: level });
  }
  expect(terminal.err()).toBe('  warn: warn\n  error: error\n');
});

test('tables align numbers to the right and never let a name steer the terminal', () => {
  const rows = [
    { name: 'A', value: 1.5 },
    { name: '\u001b[31m=cmd()', value: 12345 },
  ];
  const table = formatTable(rows, [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'VALUE', value: ({ value }) => value },
  ]);
  expect(table).toBe('NAME         VALUE\nA              1.5\n·[31m=cmd()  12345\n');
  expect([show(null), show(0.000012345), show(1 / 3), show(123456.789), percent(0.1234), percent(null)]).toEqual([
    '–',
    '1.23e-5',
    '0.3333',
    '123456.8',
    '12.3 %',
    '–',
  ]);
});
