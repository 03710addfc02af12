/** Names that try to be markup, script or formula: shown as text on every page, executed on none. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from './fixtures';
import { longPrices } from './support/price-files';

const NAMES = [
  '=cmd()',
  '<script>window.__hit=1</script>',
  '<img src=x onerror=window.__hit=1>',
  "'><svg onload=window.__hit=1>",
  "';window.__hit=1;//",
  "<a href='javascript:window.__hit=1'>x</a>",
  "{{constructor.constructor('window.__hit=1')()}}",
  '</style><b>bold',
];

const CONFIG = `
data: { dataset: hostile }
model:
  forecast: { id: ridge }
  horizon: 5
  optimizer: { id: mean-variance }
  constraints: { maxWeight: 0.5 }
backtest:
  window: { train: 120, refit: quarter }
  lookback: 60
  universe: all
experiment:
  name: "<img src=x onerror=window.__hit=1>"
  tags: { "<b>": "<script>window.__hit=1</script>" }
  compare: [{ name: "<svg onload=window.__hit=1>", forecast: null, optimizer: { id: hrp } }]
  bootstrap: { replications: 200 }
`;

test('hostile names are text on every page', async ({ app, host }) => {
  test.setTimeout(120_000);
  const prices = join(dirname(host.workspace), 'files', '<b>hostile.csv');
  const config = join(dirname(host.workspace), 'files', 'run.yaml');
  mkdirSync(dirname(prices));
  writeFileSync(prices, longPrices(NAMES, 700));
  writeFileSync(config, CONFIG);
  await host.sextant('datasets', 'import', prices, '--name', 'hostile');
  await host.sextant('runs', 'start', '--file', config);

  const ids = await app.evaluate(async () => {
    const headers = { 'x-api-token': sessionStorage.getItem('sextant.token') ?? '' };
    const read = async (path: string) => (await fetch(`/api/v1/${path}`, { headers })).json();
    const [runs, datasets, portfolios] = await Promise.all([read('runs'), read('datasets'), read('portfolios')]);
    return {
      run: runs.runs[0].id as string, // the shapes of the contract
      dataset: datasets.datasets[0].id as string,
      portfolio: portfolios.portfolios[0]?.id as string | undefined,
    };
  });
  const pages = [
    '#/',
    '#/data',
    '#/research',
    `#/data/${ids.dataset}`,
    `#/data/${ids.dataset}?view=quality`,
    `#/data/${ids.dataset}?view=lineage`,
    ...NAMES.map((name) => `#/data/${ids.dataset}?view=prices&asset=${encodeURIComponent(JSON.stringify(name))}`),
    `#/research/${ids.run}`,
    `#/research/new?from=${ids.run}`,
    `#/backtests/${ids.run}`,
    ...(ids.portfolio === undefined ? [] : [`#/portfolios/${ids.portfolio}`]),
  ];
  for (const page of pages) {
    await app.evaluate((hash) => {
      window.location.hash = hash;
    }, page);
    await expect(app.locator('h1')).toBeVisible();
    await expect(app.locator('[aria-busy=true], .plot-waiting')).toHaveCount(0);
    expect(await app.evaluate(() => '__hit' in window), page).toBe(false);
  }
  expect(ids.portfolio, 'the run ended with weights').toBeDefined();
  await app.evaluate((hash) => {
    window.location.hash = hash;
  }, `#/data/${ids.dataset}`);
  for (const name of NAMES) await expect(app.getByRole('rowheader', { name, exact: true })).toBeVisible();
});
