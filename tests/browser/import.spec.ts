/** Importing on screen: a good file with a bad row, a file that is no price file, and columns mapped by hand. */
import { expect, test } from './fixtures';
import { longPrices } from './support/price-files';

const csv = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

test('a file is looked at, imported, and its bad row is listed with line and reason', async ({ app }) => {
  const text = longPrices(['AAA', 'BBB', 'CCC'], 300).replace(/^(2020-01-08),[^,]+/m, '$1,not-a-price');
  await app.getByRole('link', { name: 'Import prices instead' }).click();
  await app.locator('input[type=file]').setInputFiles(csv('My Prices.csv', text));
  await expect(app.getByText('✓ Recognized')).toBeVisible();
  await expect(app.getByLabel('Name', { exact: true })).toHaveValue('my-prices');
  await expect(app.getByRole('region', { name: 'First rows, table' })).toContainText('2020-01-06');
  await app.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(app).toHaveURL(/#\/data\/[0-9A-Z]{26}/, { timeout: 30_000 });
  await expect(app.getByRole('heading', { name: 'my-prices' })).toBeVisible();
  await app.getByRole('link', { name: /^Rejected rows/ }).click();
  const rejects = app.getByRole('region', { name: 'Rejected rows' });
  await expect(rejects).toContainText(/My.Prices\.csv/);
  await expect(rejects.getByRole('row').nth(1)).toContainText('4');
  await expect(rejects).toContainText('Not a number');
  await expect(rejects).toContainText('not-a-price');
  await app.getByRole('link', { name: 'Prices', exact: true }).click();
  await expect(app.getByRole('figure', { name: /Daily close.*AAA/ })).toBeVisible();
});

test('a file that holds no prices says what is wrong and keeps what was chosen', async ({ app }) => {
  await app.getByRole('link', { name: 'Import prices instead' }).click();
  await app.locator('input[type=file]').setInputFiles(csv('notes.csv', 'to do\nbuy milk\n'));
  await expect(app.getByRole('alert')).toContainText('Expected a price table in notes.csv');
  await expect(app.getByRole('button', { name: 'Import', exact: true })).toBeDisabled();
  await expect(app.getByText('notes.csv').first()).toBeVisible();
});

test('an import that is refused says what happened, what was kept and what to do', async ({ app, host }) => {
  const good = longPrices(['AAA', 'BBB'], 120);
  const bad = good.replaceAll(/^(2020-0[1-4]-\d\d),[^,]+,[^,]+,[^,]+,[^,]+/gm, '$1,x,x,x,x');
  await app.getByRole('link', { name: 'Import prices instead' }).click();
  await app.locator('input[type=file]').setInputFiles(csv('broken.csv', bad));
  const start = app.getByRole('button', { name: 'Import', exact: true });
  await expect(app.getByLabel('Name', { exact: true })).toHaveValue('broken');
  await expect(app.getByText('✓ Recognized').or(app.getByText(/Map columns by hand/))).toBeVisible();
  if (await start.isEnabled()) {
    await start.click();
    const notice = app.getByRole('alert');
    await expect(notice).toContainText('Kept', { timeout: 30_000 });
    await expect(notice).toContainText('To do');
    await notice.getByRole('button', { name: 'Try again' }).click();
  }
  await expect(app.getByText('broken.csv').first()).toBeVisible();
  expect(await host.sextant('datasets', 'list')).toMatchObject({ total: 0 });
});

test('columns with names of their own are mapped by hand', async ({ app }) => {
  const text = longPrices(['AAA', 'BBB'], 60).replace('date,open,high,low,close,volume,symbol', 'd1,a,b,c,d,e,f');
  await app.getByRole('link', { name: 'Import prices instead' }).click();
  await app.locator('input[type=file]').setInputFiles(csv('own.csv', text));
  for (const [field, column] of [
    ['Date', 'd1'],
    ['Symbol', 'f'],
    ['Close', 'd'],
  ]) {
    await app.getByRole('combobox', { name: field, exact: true }).click();
    await app.getByRole('option', { name: column, exact: true }).click();
  }
  const start = app.getByRole('button', { name: 'Import', exact: true });
  await expect(start).toBeEnabled();
  await start.click();
  await expect(app).toHaveURL(/#\/data\/[0-9A-Z]{26}/, { timeout: 30_000 });
  await expect(app.getByText('120 rows').first()).toBeVisible();
});
