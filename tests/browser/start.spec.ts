/** The screen comes up, signed in, from a host that has nothing yet. */
import { expect, test } from './fixtures';

test('shows the workstation of a fresh workspace', async ({ app, host }) => {
  await expect(app).toHaveTitle(/Sextant/);
  await expect(app.getByRole('navigation').first()).toBeVisible();
  expect(await host.sextant('system', 'health')).toMatchObject({ status: 'ok' });
});
