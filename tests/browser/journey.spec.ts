/** The main job on screen: a first visit runs the sample, reads the verdict, looks at the path and exports the weights. */
import { readFileSync } from 'node:fs';
import { expect, test } from './fixtures';

test('a first visit runs the sample and ends with exported weights', async ({ app }) => {
  await test.step('the sample is offered, made and run', async () => {
    await app.getByRole('button', { name: 'Run the sample' }).click();
    await expect(app.getByRole('progressbar').first()).toBeVisible();
    await expect(app).toHaveURL(/#\/research\/[0-9A-Z]{26}$/, { timeout: 30_000 });
  });

  await test.step('the verdict comes first, with its interval and the audit', async () => {
    await expect(app.getByText(/^0 of [\d,]+ training and test pairs overlap$/)).toBeVisible({ timeout: 45_000 });
    await expect(app.getByText('Not audited').first()).toBeVisible();
    await expect(app.locator('.verdict-sentence')).toContainText(/equal-weight/);
    const sharpe = app.locator('.headline').filter({ hasText: 'Sharpe, net' });
    await expect(sharpe.locator('.headline-value')).toHaveText(/^−?\d+\.\d\d$/);
    await expect(sharpe).toContainText(/95\s% −?\d/);
    await expect(sharpe).toContainText(/PSR \d/);
    await expect(sharpe).toContainText(/\d+ trials/);
    await expect(app.getByRole('region', { name: 'Comparisons, table' })).toBeVisible();
    await expect(app.locator('body')).not.toContainText(/NaN|undefined|Infinity/);
  });

  await test.step('the backtest shows one time axis and the holdings of a rebalance', async () => {
    await app.getByRole('link', { name: 'Backtest', exact: true }).click();
    await expect(app.getByRole('figure', { name: /Equity, drawdown, rolling Sharpe and turnover/ })).toBeVisible();
    await expect(app.locator('.js-plotly-plot .main-svg').first()).toBeVisible();
    await app.getByRole('button', { name: 'hrp' }).click();
    await expect(app.getByRole('button', { name: 'hrp' })).toHaveAttribute('aria-pressed', 'true');
    await app.getByRole('button', { name: 'Holdings' }).click();
    const panel = app.getByRole('complementary', { name: /Holdings decided on/ });
    await expect(panel.getByRole('row').nth(1)).toContainText('%');
    await app.keyboard.press('Escape');
    await expect(panel).toBeHidden();
  });

  await test.step('the weights hold their constraints, trades follow, and the export is a CSV', async () => {
    await app.getByRole('link', { name: 'Portfolio', exact: true }).click();
    await app.getByRole('region', { name: 'Portfolios' }).getByRole('link').first().click();
    await expect(app.getByText('All constraints hold')).toBeVisible();
    const first = app.getByRole('region', { name: 'Target weights' }).getByRole('rowheader').first();
    const asset = await first.innerText();
    await app.getByLabel('Current holdings').fill(`${asset},10\n`);
    await app.getByRole('button', { name: 'Work out trades' }).click();
    await expect(app.getByRole('region', { name: 'Trades, table' })).toContainText(/↑ buy/);
    const [download] = await Promise.all([
      app.waitForEvent('download'),
      app.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    const text = readFileSync(await download.path(), 'utf8');
    expect(text).toContain('asset');
    expect(text).toContain(asset);
  });

  await test.step('the overview now starts with that verdict', async () => {
    await app.getByRole('link', { name: 'Overview' }).click();
    await expect(app.locator('.verdict-sentence')).toContainText(/equal-weight/);
    await expect(app.locator('.weight-bars li')).not.toHaveCount(0);
  });
});

test('a reload in the middle of the sample resumes it', async ({ app }) => {
  await app.getByRole('button', { name: 'Run the sample' }).click();
  await expect(app.getByRole('progressbar').first()).toBeVisible();
  await app.reload();
  await expect(app).toHaveURL(/#\/research\/[0-9A-Z]{26}$/, { timeout: 30_000 });
});
