/** Networks on screen: memory and time before a start, and the learning curves of a finished run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './fixtures';

const CONFIG = `
data: { dataset: sample }
model:
  forecast:
    id: lstm
    params: { lookback: 5, hidden: 4, layers: 1, seeds: 2, epochs: 2, stride: 21, batch: 256, device: wasm }
  features: { set: [momentum_1m, return_5d, volatility_20, rsi_14] }
  constraints: { maxWeight: 0.1 }
backtest: { window: { train: 252, refit: year }, lookback: 126 }
experiment: { name: network, bootstrap: { replications: 100 } }
`;

test('a network is judged against ridge, with its learning curves; a copy says what it will take', async ({
  app,
  host,
}) => {
  await host.sextant('datasets', 'generate');
  const file = join(host.workspace, 'network.yaml');
  writeFileSync(file, CONFIG);
  await host.sextant('runs', 'start', '--file', file);
  await app.evaluate(() => {
    window.location.hash = '#/research';
  });
  await app.getByRole('region', { name: 'Runs' }).getByRole('link', { name: /^lstm/ }).first().click();
  await expect(app.getByText('vs ridge').first()).toBeVisible();
  await expect(app.getByRole('figure', { name: /Training and validation loss of lstm per epoch/ })).toBeVisible();
  await expect(app.getByText(/between seeds\. Trained on wasm/)).toBeVisible();
  await app.getByRole('link', { name: 'Edit copy' }).click();
  await app.getByRole('button', { name: 'Measure memory and time' }).click();
  await expect(app.getByText(/networks to train on wasm/)).toBeVisible({ timeout: 30_000 });
  await expect(app.getByText(/trials on this dataset after this run/)).toBeVisible();
});

/** Far more networks than are trained before it is cancelled, on the fastest machine too. */
const LONG = CONFIG.replace('seeds: 2, epochs: 2, stride: 21', 'seeds: 1, epochs: 40, stride: 1').replace(
  'refit: year',
  'refit: month',
);

test('learning curves are drawn while the network trains, whole again after a reload, and kept when it is cancelled', async ({
  app,
  host,
}, info) => {
  await host.sextant('datasets', 'generate');
  const file = join(host.workspace, 'long.yaml');
  writeFileSync(file, LONG);
  const { run } = (await host.sextant('runs', 'start', '--file', file, '--detach')) as { run: string }; // as printed
  const show = () =>
    app.evaluate((id) => {
      window.location.hash = `#/research/${id}`;
    }, run);
  await show();
  const curves = app.getByRole('region', { name: 'Learning curves' });
  const validation = curves.locator('figure').first().locator('polyline.validation');
  const corners = async () =>
    ((await validation.getAttribute('points')) ?? '').split(' ').filter((text) => text !== '');
  // Its points arrive one epoch after the other.
  await expect(curves.getByText(/^lstm .*epoch \d+: training loss/)).toBeVisible({ timeout: 30_000 });
  await expect.poll(async () => (await corners()).length, { timeout: 30_000 }).toBeGreaterThan(3);
  await expect.poll(async () => curves.getByRole('option').count(), { timeout: 45_000 }).toBeGreaterThan(2);
  const [, newest, first] = await curves.getByRole('option').allTextContents();
  expect(newest).not.toBe(first);
  await curves.getByLabel('Network').selectOption({ label: first });
  const before = await corners();
  expect(before.length).toBeGreaterThan(3);
  const light = await validation.evaluate((line) => getComputedStyle(line).stroke);
  await curves.screenshot({ path: info.outputPath('curves-light.png') });

  await app.reload();
  await show();
  await curves.getByLabel('Network').selectOption({ label: first });
  await expect.poll(async () => (await corners()).length).toBe(before.length);
  await app.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => validation.evaluate((line) => getComputedStyle(line).stroke)).not.toBe(light);
  await app.screenshot({ path: info.outputPath('curves-dark.png') });

  await app.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.getByRole('heading', { name: 'The run was cancelled' })).toBeVisible({ timeout: 30_000 });
  await expect(app.getByRole('region', { name: 'Learning curves until then' }).locator('figure').first()).toBeVisible();
});
