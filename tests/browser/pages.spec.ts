/**
 * Every page in both themes: nothing for axe to complain about, no horizontal scroll at 1280 × 800, no error on the
 * console. With SEXTANT_SCREENSHOTS=<folder> each page is also photographed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { longPrices } from './support/price-files';

const FOLDER = process.env.SEXTANT_SCREENSHOTS;

interface Ids {
  readonly run: string;
  readonly other: string;
  readonly dataset: string;
  readonly portfolio: string;
  readonly version: string;
}

async function idsOf(app: Page): Promise<Ids> {
  return app.evaluate(async () => {
    const headers = { 'x-api-token': sessionStorage.getItem('sextant.token') ?? '' };
    const read = async (path: string) => (await fetch(`/api/v1/${path}`, { headers })).json();
    const [runs, datasets, portfolios, registry] = await Promise.all(
      ['runs', 'datasets', 'portfolios', 'registry'].map(read),
    );
    return {
      run: runs.runs[0].id,
      other: runs.runs[1].id,
      dataset: datasets.datasets[0].id,
      portfolio: portfolios.portfolios[0].id,
      version: registry.versions[0].id,
    };
  });
}

const pagesOf = ({ run, other, dataset, portfolio, version }: Ids): readonly (readonly [string, string])[] => [
  ['overview', '#/'],
  ['data', '#/data'],
  ['data-import', '#/data/import'],
  ['dataset-coverage', `#/data/${dataset}`],
  ['dataset-quality', `#/data/${dataset}?view=quality`],
  ['dataset-rejects', `#/data/${dataset}?view=rejects`],
  ['dataset-prices', `#/data/${dataset}?view=prices`],
  ['dataset-lineage', `#/data/${dataset}?view=lineage`],
  ['research', '#/research'],
  ['research-new', '#/research/new'],
  ['run', `#/research/${run}`],
  ['compare', `#/research/compare?runs=${run},${other}`],
  ['backtests', '#/backtests'],
  ['backtest', `#/backtests/${run}`],
  ['portfolios', '#/portfolios'],
  ['portfolio', `#/portfolios/${portfolio}`],
  ['models', '#/models'],
  ['version', `#/models/${version}`],
  ['monitor', '#/monitor'],
  ['settings', '#/settings'],
  ['no-such-page', '#/nowhere'],
];

async function settled(app: Page): Promise<void> {
  await expect(app.locator('h1')).toBeVisible();
  await expect(app.locator('[aria-busy=true], .plot-waiting')).toHaveCount(0);
}

const widerThanWindow = (app: Page) =>
  app.evaluate(() => {
    const areas = [document.documentElement, ...document.querySelectorAll('.page-scroll')];
    return areas.some((area) => area.scrollWidth > area.clientWidth + 1);
  });

async function photograph(app: Page, name: string): Promise<void> {
  if (FOLDER === undefined) return;
  mkdirSync(FOLDER, { recursive: true });
  await app.mouse.move(700, 795);
  await app.waitForTimeout(400);
  await app.screenshot({ path: join(FOLDER, `${name}.png`) });
}

async function inspect(app: Page, name: string): Promise<void> {
  expect(await widerThanWindow(app), `${name} scrolls sideways`).toBe(false);
  const { violations } = await new AxeBuilder({ page: app }).analyze();
  expect(
    violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes[0]?.html })),
    name,
  ).toEqual([]);
}

async function go(app: Page, hash: string): Promise<void> {
  await app.evaluate((next) => {
    window.location.hash = next;
  }, hash);
}

/** Brings the screen into a state, then photographs and inspects it. */
async function look(app: Page, file: string, name: string, arrive: () => Promise<void>): Promise<void> {
  await arrive();
  await settled(app);
  await photograph(app, file);
  await inspect(app, name);
}

for (const scheme of ['light', 'dark'] as const) {
  test.describe(scheme, () => {
    test.use({ colorScheme: scheme });

    test(`the sign-in page in ${scheme} is clean`, async ({ page, host }, info) => {
      test.skip(info.project.name === 'electron', 'the desktop window needs no sign-in');
      await look(page, `sign-in-${scheme}`, 'sign-in', async () => {
        await page.goto(host.url ?? '');
      });
    });

    test(`every page in ${scheme} is clean, fits and is quiet`, async ({ app, host }) => {
      test.setTimeout(240_000);
      const errors: string[] = [];
      app.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      await settled(app);
      await photograph(app, `first-visit-${scheme}`);
      await inspect(app, 'first visit');
      await host.sextant('demo');
      await host.sextant('runs', 'rerun', 'latest');
      await host.sextant('registry', 'register', 'latest');
      const ids = await idsOf(app);
      for (const [name, hash] of pagesOf(ids)) await look(app, `${name}-${scheme}`, name, () => go(app, hash));
      await look(app, `import-preview-${scheme}`, 'import of a file', async () => {
        await go(app, '#/data/import');
        const buffer = Buffer.from(longPrices(['AAA', 'BBB', 'CCC'], 300).replace(/^(2020-01-08),[^,]+/m, '$1,n/a'));
        await app.locator('input[type=file]').setInputFiles({ name: 'prices.csv', mimeType: 'text/csv', buffer });
        await expect(app.getByText('✓ Recognized')).toBeVisible();
      });
      await look(app, `holdings-${scheme}`, 'holdings of a rebalance', async () => {
        await go(app, `#/backtests/${ids.run}`);
        await settled(app);
        await app.getByRole('button', { name: 'Holdings' }).click();
        await expect(app.getByRole('complementary', { name: /Holdings/ })).toBeVisible();
        await app.getByRole('region', { name: 'Monthly returns, table' }).scrollIntoViewIfNeeded();
      });
      await look(app, `run-failed-${scheme}`, 'a failed run', async () => {
        const file = join(host.workspace, '..', 'infeasible.yaml');
        writeFileSync(file, 'data: { dataset: sample }\nmodel: { constraints: { maxWeight: 0.001 } }\n');
        await expect(host.sextant('runs', 'start', '--file', file)).rejects.toThrow();
        await go(app, `#/research/${(await idsOf(app)).run}`);
        await expect(app.getByRole('alert')).toContainText('Kept');
      });
      await app.keyboard.press('ControlOrMeta+k');
      await expect(app.getByRole('textbox', { name: 'Search or command' })).toBeFocused();
      await photograph(app, `palette-${scheme}`);
      expect(errors, 'errors on the console').toEqual([]);
    });
  });
}
