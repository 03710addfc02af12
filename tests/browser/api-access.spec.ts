/** API tokens in the settings, and the API reference: drawn from this host alone, and able to ask it. */
import { expect, test } from './fixtures';

test('a token is made, shown once, renewed and revoked', async ({ app, host }) => {
  await app.getByRole('link', { name: 'Settings' }).click();
  await app.getByLabel('Name of a new token').fill('execution-desk');
  await app.getByRole('button', { name: 'Make token' }).click();
  const secret = app.locator('code', { hasText: 'sxt_' });
  await expect(secret).toBeVisible();
  const text = await secret.innerText();
  const ask = async (token: string) => {
    if (host.url === null) return 200;
    return (await fetch(`${host.url}/api/v1/system/health`, { headers: { 'x-api-token': token } })).status;
  };
  expect(await ask(text)).toBe(200);
  await app.getByRole('button', { name: 'Put it away' }).click();
  await expect(secret).toHaveCount(0);
  await app.getByRole('button', { name: 'Revoke…' }).click();
  await app.getByRole('button', { name: 'Revoke execution-desk' }).click();
  await expect(app.getByText('revoked', { exact: false }).first()).toBeVisible();
  if (host.url !== null) expect(await ask(text)).toBe(401);
});

test('the reference is drawn from this host alone, and tries an operation', async ({ app, host }) => {
  test.skip(host.url === null, 'the desktop window has no address to open it at');
  const foreign: string[] = [];
  app.on('request', (request) => {
    if (!request.url().startsWith(host.url ?? '') && !request.url().startsWith('data:')) foreign.push(request.url());
  });
  await app.goto(`${host.url}/reference`);
  await expect(app.getByText('system.health')).toBeVisible({ timeout: 30_000 });
  if (process.env.SEXTANT_SHOTS !== undefined) await app.screenshot({ path: `${process.env.SEXTANT_SHOTS}/list.png` });
  await app.getByText('Health of every part').click();
  await app.getByRole('button', { name: 'Try it out' }).click();
  await app.getByRole('button', { name: 'Execute' }).click();
  await expect(app.locator('.live-responses-table tbody .response-col_status').first()).toContainText('200');
  if (process.env.SEXTANT_SHOTS !== undefined) await app.screenshot({ path: `${process.env.SEXTANT_SHOTS}/tried.png` });
  expect(foreign).toEqual([]);
  // Without a signed-in tab it asks for a token, and says when one is none.
  await app.evaluate(() => sessionStorage.clear());
  await app.reload();
  await app.getByLabel('Token').fill('nobody');
  await app.getByRole('button', { name: 'Show the reference' }).click();
  await expect(app.getByRole('status')).toContainText('not valid');
});
