/** Reports on screen and on disk: produced, read where they lie, exported; the exported HTML file works alone, offline, and shows derivations. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures';

const EXPERIMENT = [
  ['--config.data.dataset', 'sample'],
  ['--config.backtest.window.train', '252'],
  ['--config.backtest.lookback', '126'],
  ['--config.experiment.bootstrap.replications', '100'],
].flat();

test('a report is produced, previewed, exported, and its file explains a figure without any network', async ({
  app,
  host,
  page,
}, info) => {
  await host.sextant('datasets', 'generate', '--name', 'sample', '--preset', 'small', '--seed', '1');
  await host.sextant('runs', 'start', ...EXPERIMENT);
  await app.evaluate(() => {
    window.location.hash = '#/reports';
  });
  await expect(app.getByText('No report yet')).toBeVisible();
  await app.getByLabel('PDF').uncheck();
  await app.getByLabel('Excel').uncheck();
  await app.getByRole('button', { name: 'Produce' }).click();
  const preview = app.frameLocator('iframe');
  await expect(preview.getByRole('heading', { name: 'Performance report' })).toBeVisible({ timeout: 30_000 });
  await expect(preview.getByRole('img', { name: /Growth of 1/ })).toBeVisible();
  await app.screenshot({ path: info.outputPath('reports.png') });
  expect((await new AxeBuilder({ page: app }).exclude('iframe').analyze()).violations).toEqual([]);

  const [download] = await Promise.all([
    app.waitForEvent('download'),
    app.getByRole('button', { name: 'HTML', exact: true }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^performance-.*\.html$/);
  const file = info.outputPath('report.html');
  await download.saveAs(file);
  const entries = (await host.sextant('audit', 'list', '--action', 'reports.download')) as { total: number }; // as the contract has it
  expect(entries.total).toBe(1);
  if (info.project.name === 'electron') return;

  const asked: string[] = [];
  const problems: string[] = [];
  const alone = await page.context().newPage();
  alone.on('request', (request) => asked.push(request.url()));
  alone.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())));
  alone.on('pageerror', (error) => problems.push(String(error)));
  await alone.goto(`file://${file}`);
  await alone.locator('.big .f').first().click();
  const box = alone.getByRole('dialog', { name: 'How this figure comes about' }).first();
  await expect(box).toBeVisible();
  await expect(box.locator('.exact')).toHaveText(/Sharpe ratio, net: -?\d+\.\d{6,}/);
  await expect(box).toContainText('Dataset hash');
  await alone.keyboard.press('Escape');
  const chart = alone.locator('#c-equity');
  await chart.scrollIntoViewIfNeeded();
  await chart.hover({ position: { x: 300, y: 60 } });
  await expect(alone.locator('.tip').first()).toContainText(/\d{4}-\d{2}-\d{2}/);
  const label = alone.locator('#c-equity text[role=switch]').first();
  await label.click();
  await expect(label).toHaveAttribute('aria-checked', 'false');
  expect(asked.filter((url) => !/^(file|data|about):/.test(url))).toEqual([]);
  expect(problems).toEqual([]);
});
