/** The screen without a mouse: palette, keys, focus. */
import { expect, test } from './fixtures';

test('the palette finds pages and actions', async ({ app }) => {
  await expect(app.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await app.keyboard.press('ControlOrMeta+k');
  const field = app.getByRole('textbox', { name: 'Search or command' });
  await expect(field).toBeFocused();
  await field.fill('sett');
  await app.keyboard.press('ArrowDown');
  await app.keyboard.press('Enter');
  await expect(app.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await app.keyboard.press('ControlOrMeta+k');
  await field.fill('dark');
  await app.keyboard.press('ArrowDown');
  await app.keyboard.press('Enter');
  await expect(app.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
});

test('? lists the keys, and g with a letter goes to a place', async ({ app }) => {
  await expect(app.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await app.keyboard.press('?');
  await expect(app.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await app.keyboard.press('Escape');
  await expect(app.getByRole('dialog', { name: 'Keys' })).toBeHidden();
  for (const [key, heading] of [
    ['d', 'Data'],
    ['r', 'Research'],
    ['b', 'Backtests'],
    ['p', 'Portfolio'],
    ['n', 'New run'],
    ['o', 'Overview'],
  ]) {
    await app.keyboard.press('g');
    await app.keyboard.press(key);
    await expect(app.getByRole('heading', { name: heading, exact: true, level: 1 })).toBeVisible();
  }
});

test('keys that are typed into a field stay in the field', async ({ app }) => {
  await expect(app.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await app.keyboard.press('g');
  await app.keyboard.press('n');
  const yaml = app.getByLabel('YAML of the run');
  await yaml.press('End');
  await yaml.pressSequentially('gd?');
  await expect(app.getByRole('heading', { name: 'New run' })).toBeVisible();
  await expect(app.getByRole('dialog')).toHaveCount(0);
});

test('the first Tab offers to skip to the page', async ({ app }) => {
  await expect(app.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await app.keyboard.press('Tab');
  await expect(app.getByRole('link', { name: 'Skip to the page' })).toBeFocused();
  await app.keyboard.press('Enter');
  await expect(app.locator('main')).toBeFocused();
});

test('without a token the screen explains how to sign in', async ({ page, host }, info) => {
  test.skip(info.project.name === 'electron', 'the desktop window needs no sign-in');
  await page.goto(host.url ?? '');
  await expect(page.getByRole('heading', { name: 'Open the address that Sextant printed' })).toBeVisible();
  await page.goto(`${host.url ?? ''}/#code=used-or-too-old`);
  await page.reload();
  await expect(page.getByRole('alert')).toContainText('already used or is too old');
  await expect(page).not.toHaveURL(/code=/);
});
