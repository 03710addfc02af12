/** An uploaded file: imported under its own name, gone from the disk when its import has ended, however it ended. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openTestEngine } from '../support/engine-host';

const days = Array.from({ length: 28 }, (_, i) => `2024-02-${String(i + 1).padStart(2, '0')}`);

test('an uploaded file keeps its name and is removed after the import', async () => {
  await using host = await openTestEngine();
  const rows = days.flatMap((day, i) => [`${day},${100 + i},"=cmd()"`, `${day},${50 - i},"say ""hi"""`]);
  const file = new File([`date,close,symbol\n${rows.join('\n')}\n`], 'my prices, Q1.csv');
  const { path } = await host.client.datasets.upload({ file });
  const { job } = await host.client.datasets.import({ name: 'mine', prices: [path] });
  expect((await host.finished(job)).error).toBeNull();
  const { manifest } = await host.client.datasets.show({ dataset: 'mine' });
  expect(manifest.sources.map((source) => source.name)).toEqual(['my prices, Q1.csv']);
  const { assets } = await host.client.datasets.assets({ dataset: 'mine' });
  expect(assets.map(({ asset }) => asset).sort()).toEqual(['=cmd()', 'say "hi"']);
  await expect.poll(() => existsSync(path)).toBe(false);
});

test('an upload whose import is refused is removed too', async () => {
  await using host = await openTestEngine();
  const { path } = await host.client.datasets.upload({ file: new File(['nothing,here\n'], '../../escape.csv') });
  expect(path.startsWith(host.workspace)).toBe(true);
  const { job } = await host.client.datasets.import({ name: 'refused', prices: [path] });
  expect((await host.finished(job)).status).toBe('failed');
  await expect.poll(() => existsSync(path)).toBe(false);
});
