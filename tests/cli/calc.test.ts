/** `sextant calc` as scripts use it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { toJson } from '#compute/jobs/calc';
import { runProgram } from '../support/program';
import { scratchFolder } from '../support/scratch';

const PRICES = 'date,A,B\n2020-01-02,10,20\n2020-01-03,11,\n2020-01-06,12.1,21\n';

function questions(): string {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'cases', 'returns'), { recursive: true });
  mkdirSync(join(folder, 'inputs'));
  writeFileSync(join(folder, 'inputs', 'prices.csv.gz'), gzipSync(PRICES));
  const question = { kind: 'returns.simple', inputs: { prices: { file: 'inputs/prices.csv.gz' } }, params: {} };
  const write = (name: string, value: unknown) =>
    writeFileSync(
      join(folder, 'cases', 'returns', `${name}.json`),
      typeof value === 'string' ? value : JSON.stringify(value),
    );
  write('good', { id: 'returns/good', ...question });
  write('outside', { id: '../../outside', ...question });
  write('unknown', { id: 'returns/unknown', ...question, kind: 'returns.magic' });
  write('no-file', { id: 'returns/no-file', ...question, inputs: { prices: { file: 'absent.csv' } } });
  write('not-json', 'this is no JSON');
  return folder;
}

test('one question from flags answers one JSON object', async () => {
  const suite = questions();
  const words = ['calc', 'returns.simple', '--input', `prices=${join(suite, 'inputs', 'prices.csv.gz')}`];
  const { code, stdout, stderr } = await runProgram(words);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.trim().split('\n')).toHaveLength(1);
  expect(JSON.stringify(JSON.parse(stdout))).toContain('0.1');
});

test('one question from a file reads its paths from --base', async () => {
  const suite = questions();
  const request = join(suite, 'cases', 'returns', 'good.json');
  const answered = await runProgram(['calc', '--request', request, '--base', suite]);
  expect(answered.code, answered.stderr).toBe(0);
  const lost = await runProgram(['calc', '--request', request]);
  expect([lost.code, lost.stdout, lost.stderr]).toEqual([4, '', expect.stringContaining('prices.csv.gz')]);
});

test('a suite writes an answer or an error for every case and goes on; no answer lands outside', async () => {
  const suite = questions();
  const out = join(scratchFolder(), 'answers', 'deep');
  const { code, stdout, stderr } = await runProgram(['calc', '--suite', suite, '--out', out]);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ answered: 2, failed: 3 });
  const answer = (name: string): unknown => JSON.parse(readFileSync(join(out, 'returns', `${name}.json`), 'utf8'));
  expect(answer('good')).not.toHaveProperty('error');
  expect(answer('outside')).toEqual(answer('good'));
  expect(existsSync(join(out, '..', '..', 'outside.json'))).toBe(false);
  expect(answer('unknown')).toMatchObject({ error: { code: 'NOT_FOUND', message: /returns\.magic/ } });
  expect(answer('no-file')).toMatchObject({ error: { code: 'NOT_FOUND' } });
  expect(stderr).toContain('returns/unknown: NOT_FOUND');
});

test('only the kinds that were asked for are answered', async () => {
  const suite = questions();
  const out = join(scratchFolder(), 'answers');
  const { stdout } = await runProgram(['calc', '--suite', suite, '--out', out, '--kind', 'hrp', '--kind', 'returns.m']);
  expect(JSON.parse(stdout)).toMatchObject({ answered: 0, failed: 1 });
});

test('every kind is listed with inputs, parameters and recipe', async () => {
  const { kinds } = JSON.parse((await runProgram(['calc', '--list'])).stdout) as { kinds: Record<string, unknown>[] }; // checked below
  expect(kinds.length).toBeGreaterThan(20);
  for (const kind of kinds) {
    expect(kind).toMatchObject({ kind: expect.any(String), inputs: expect.any(Object), params: expect.any(Object) });
    expect(String(kind.recipe).length).toBeGreaterThan(10);
  }
});

test('missing numbers are null, infinities are named, typed arrays are lists', () => {
  const value = {
    a: Number.NaN,
    b: [Infinity, -Infinity],
    c: new Float64Array([1, Number.NaN, Infinity]),
    d: new Int32Array([2]),
  };
  expect(toJson(value)).toBe('{"a":null,"b":["Infinity","-Infinity"],"c":[1,null,"Infinity"],"d":[2]}');
});

test('a training engine answers the kinds about networks and is refused for others', async () => {
  const folder = scratchFolder();
  const request = join(folder, 'losses.json');
  const tensor = (data: readonly number[]) => ({ shape: [2, 2], data });
  const inputs = { scores: tensor([0.1, 0.4, -0.2, 0.3]), returns: tensor([0.01, 0.03, 0.02, -0.01]) };
  writeFileSync(request, JSON.stringify({ kind: 'nn.losses', inputs, params: { dates: 2, assets: 2 } }));
  const ask = async (...words: string[]) => runProgram(['calc', '--request', request, ...words]);
  const plain = await ask();
  expect(plain.code, plain.stderr).toBe(0);
  const byEngine = await ask('--engine', 'wasm');
  expect(byEngine.code, byEngine.stderr).toBe(0);
  const loss = ({ stdout }: { stdout: string }) => (JSON.parse(stdout) as { sharpe: { loss: number } }).sharpe.loss;
  expect(loss(byEngine)).toBeCloseTo(loss(plain), 5);
  expect(byEngine.stdout).not.toBe(plain.stdout);
  expect(await ask('--engine', 'abacus')).toMatchObject({ code: 2, stderr: /wgsl, wasm, tf or reference/ });
  const suite = questions();
  const other = ['calc', '--request', join(suite, 'cases', 'returns', 'good.json'), '--base', suite];
  expect(await runProgram([...other, '--engine', 'wasm'])).toMatchObject({ code: 2, stderr: /returns\.simple/ });
});
