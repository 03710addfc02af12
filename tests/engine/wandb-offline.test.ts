/** A run as an offline run of Weights & Biases, read back by a reader that shares nothing with the writer: every number, and the form of the log. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestEngine, type TestEngine } from '../support/engine-host';
import { message, type Message, readMessage, readRecordLog, text } from '../support/wandb-reader';

const folder = mkdtempSync(join(tmpdir(), 'sextant-wandb-'));
let host: TestEngine;
let run: string;

beforeAll(async () => {
  host = await openTestEngine();
  await host.finished((await host.client.datasets.generate({})).job);
  const started = await host.client.runs.start({
    config: {
      data: { dataset: 'sample', from: '2021-01-01' },
      model: { forecast: null, optimizer: { id: 'inverse-volatility' } },
      backtest: { window: { train: 126 }, lookback: 63 },
      experiment: { name: 'Größe / "Test"', tags: { owner: 'ada' }, bootstrap: { replications: 100 } },
    },
  });
  expect((await host.finished(started.job)).error).toBeNull();
  ({ run } = started);
  await host.client.runs.note({ run, note: 'Exported.' });
}, 60_000);

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const filesUnder = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('Weights & Biases is behind a flag, gets the whole run, and the caller hears what is not proven', async () => {
  const to = join(folder, 'wandb');
  await expect(host.client.interchange.export({ run, to, format: 'wandb' })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
  const { missing } = await host.client.interchange.export({ run, to, format: 'wandb', experimental: true });
  expect(missing).toEqual([expect.stringMatching(/was not tried with the wandb program/)]);
  const log = filesUnder(to).find((name) => /offline-run-\d{8}_\d{6}-([0-9a-f]{8})\/run-\1\.wandb$/.test(name)) ?? '';
  const records = readRecordLog(readFileSync(join(to, log))).map(readMessage);
  expect(records.map((record) => record.get(1))).toEqual(records.map((_, k) => [k + 1]));
  const bodies = (field: number) => records.flatMap((record) => record.get(field) ?? []).map((body) => message(body));
  const items = (body: Message, field = 1): Map<string, unknown> =>
    new Map(
      (body.get(field) ?? []).map((each) => [text(message(each).get(1)), JSON.parse(text(message(each).get(16)))]),
    );
  const shown = await host.client.runs.show({ run });
  const [begun] = bodies(17);
  expect(text(begun.get(3))).toBe('Größe - "Test"');
  expect(text(begun.get(8))).toBe(shown.name);
  expect(text(begun.get(9))).toBe('Exported.');
  expect((begun.get(10) ?? []).map((tag) => text([tag]))).toContain('owner=ada');
  expect(Object.fromEntries(items(message(begun.get(4)?.[0])))).toEqual(plain(shown.config));
  expect(message(begun.get(17)?.[0]).get(1)).toEqual([Math.floor(Date.parse(shown.createdAt) / 1000)]);
  // Every point of every metric is in the row of its step.
  const history = bodies(2).map((row) => [message(row.get(2)?.[0]).get(1)?.[0] ?? 0, items(row)] as const);
  const steps = history.map(([step]) => step);
  expect(steps).toEqual([...new Set(steps)].sort((a, b) => Number(a) - Number(b)));
  for (const { name, steps: at, values } of (await host.client.runs.metrics({ run })).metrics) {
    expect(at.map((step) => new Map(history).get(step)?.get(name))).toEqual(values);
  }
  const summary = items(bodies(3)[0]);
  expect(summary.get('sharpe')).toBe(shown.headline?.sharpe.value);
  expect(Object.fromEntries(summary)).toEqual(
    JSON.parse(readFileSync(join(to, log, '../files/wandb-summary.json'), 'utf8')),
  );
  const listed = (bodies(6)[0].get(1) ?? []).map((file) => text(message(file).get(1)));
  expect(listed.sort()).toEqual(filesUnder(join(to, log, '../files')));
  // A client's own log ends so: "wandb sync" finishes the run when it has seen both.
  expect([...(records.at(-2)?.keys() ?? [])]).toContain(18);
  expect([...(records.at(-1)?.keys() ?? [])]).toContain(20);
  expect(filesUnder(to)).toContainEqual(
    expect.stringMatching(/^wandb\/offline-run-\d{8}_\d{6}-[0-9a-f]{8}\/files\/wandb-summary\.json$/),
  );
});
