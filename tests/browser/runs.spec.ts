/** Runs on screen: written as form and YAML at once, cancelled, run again, compared; two windows agree. */
import { expect, test } from './fixtures';
import type { Page } from '@playwright/test';

async function generate(host: { sextant(...words: string[]): Promise<unknown> }): Promise<void> {
  await host.sextant('datasets', 'generate', '--name', 'sample', '--preset', 'small', '--seed', '1');
}

async function go(app: Page, hash: string): Promise<void> {
  await app.evaluate((next) => {
    window.location.hash = next;
  }, hash);
}

const yamlOf = (app: Page) => app.getByLabel('YAML of the run');

test('form and YAML change each other, and Start says why it waits', async ({ app, host }) => {
  await generate(host);
  await go(app, '#/research/new');
  await expect(yamlOf(app)).toHaveValue(/dataset: sample/);
  await app.getByLabel('Forecast horizon').fill('5');
  await expect(yamlOf(app)).toHaveValue(/horizon: 5\n/);
  const text = await yamlOf(app).inputValue();
  await yamlOf(app).fill(text.replace('horizon: 5', 'horizon: 10'));
  await expect(app.getByLabel('Forecast horizon')).toHaveValue('10');
  await yamlOf(app).fill(text.replace('horizon: 5', 'horizn: 10'));
  await expect(app.getByRole('button', { name: 'Start run' })).toBeDisabled();
  await expect(app.getByRole('status').filter({ hasText: 'Line' })).toContainText('horizn');
  await yamlOf(app).fill(text);
  await expect(app.getByRole('button', { name: 'Start run' })).toBeEnabled();
});

test('a run is cancelled and says what was kept', async ({ app, host }) => {
  await generate(host);
  await go(app, '#/research/new');
  await expect(yamlOf(app)).toHaveValue(/dataset: sample/);
  const slow = (await yamlOf(app).inputValue()).replace(
    'experiment:',
    'experiment:\n  bootstrap: { replications: 20000 }',
  );
  await yamlOf(app).fill(slow);
  await app.getByRole('button', { name: 'Start run' }).click();
  await app.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.getByRole('heading', { name: 'The run was cancelled' })).toBeVisible({ timeout: 30_000 });
  await expect(app.getByText(/are kept/).first()).toBeVisible();
});

test('the same run again gives the same bits, and the comparison says so', async ({ app, host }) => {
  await host.sextant('demo');
  await go(app, '#/research');
  await app
    .getByRole('region', { name: 'Runs' })
    .getByRole('link', { name: /^ridge/ })
    .first()
    .click();
  await app.getByRole('button', { name: 'Rerun' }).click();
  await expect(app.getByText('Rerun of')).toBeVisible({ timeout: 45_000 });
  await go(app, '#/research');
  const boxes = app.getByRole('checkbox', { name: /^Select ridge/ });
  await expect(boxes).toHaveCount(2);
  await boxes.nth(0).check();
  await expect(app.getByRole('button', { name: /^Compare/ })).toBeDisabled();
  await boxes.nth(1).check();
  await app.getByRole('button', { name: 'Compare 2' }).click();
  await expect(app.getByText('Same identity')).toBeVisible();
  await expect(app.getByText('Every measure is the same.')).toBeVisible();
  await expect(app.getByRole('figure', { name: /Equity of the primary strategy/ })).toBeVisible();
  await app.getByRole('region', { name: 'Metrics over steps' }).getByLabel('Metric').selectOption('fold/return');
  await expect(app.getByRole('figure', { name: 'Fold/return of each run over its steps' })).toBeVisible();
});

test('an audit is started on the run page, followed and cancelled; the run stays as it was', async ({ app, host }) => {
  await host.sextant('demo');
  await go(app, '#/research');
  await app
    .getByRole('region', { name: 'Runs' })
    .getByRole('link', { name: /^ridge/ })
    .click();
  const card = app.getByRole('region', { name: 'Leakage audit' });
  await card.getByRole('button', { name: 'Audit', exact: true }).click();
  await expect(card.getByRole('progressbar')).toBeVisible();
  await card.getByRole('button', { name: 'Cancel' }).click();
  await expect(card.getByRole('button', { name: 'Audit', exact: true })).toBeVisible({ timeout: 30_000 });
  await expect(card.getByText('Not audited')).toBeVisible();
  await expect(app.locator('.headline-value').first()).toBeVisible();
});

test('a second window sees a run that starts in the first, without reload', async ({ app, host, context }, info) => {
  test.skip(info.project.name === 'electron', 'the desktop has one window');
  await generate(host);
  const second = await context.newPage();
  await host.open(second);
  await go(second, '#/research');
  await expect(second.getByText('No run yet')).toBeVisible();
  await go(app, '#/research/new');
  await expect(yamlOf(app)).toHaveValue(/dataset: sample/);
  await app.getByRole('button', { name: 'Start run' }).click();
  await expect(second.getByRole('link', { name: /^ridge/ })).toBeVisible();
  await expect(second.getByText('succeeded').first()).toBeVisible({ timeout: 45_000 });
});

test('a host that goes away is said in a banner, and what is known stays on screen', async ({ app, host }, info) => {
  test.skip(info.project.name === 'electron', 'the desktop window ends with its host');
  await generate(host);
  await go(app, '#/data');
  await expect(app.getByRole('link', { name: 'sample', exact: true })).toBeVisible();
  await host.stop();
  await expect(app.getByText('Reconnecting').first()).toBeVisible();
  await expect(app.getByRole('link', { name: 'sample', exact: true })).toBeVisible();
});
