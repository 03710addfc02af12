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
