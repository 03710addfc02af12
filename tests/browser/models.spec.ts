/** From a finished run to a champion: tags and a note, a registered version, a gate that does not hold, an override with its reason. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './fixtures';

const FOLDER = process.env.SEXTANT_SCREENSHOTS;

test('a run is tagged, registered, refused by its gate, and promoted with a reason', async ({ app, host }) => {
  test.setTimeout(180_000);
  const photograph = async (name: string) => {
    if (FOLDER === undefined) return;
    mkdirSync(FOLDER, { recursive: true });
    await app.screenshot({ path: join(FOLDER, `${name}.png`) });
  };
  const go = (hash: string) =>
    app.evaluate((next) => {
      window.location.hash = next;
    }, hash);
  await host.sextant('demo');
  await go('#/research');
  await app
    .getByRole('link', { name: /^ridge-/ })
    .first()
    .click();
  await expect(app.getByRole('heading', { name: 'Tags and note' })).toBeVisible();

  await app.getByLabel('New tag').fill('phase=paper');
  await app.getByRole('button', { name: 'Add tag' }).click();
  await expect(app.getByText('phase: paper')).toBeVisible();
  await app.getByLabel('New tag').fill('phase=nonsense');
  await app.getByRole('button', { name: 'Add tag' }).click();
  await expect(app.getByRole('alert')).toContainText('research, validation, paper, live');
  await app.getByRole('textbox', { name: 'Note' }).fill('Worth a closer look.');
  await app.getByRole('button', { name: 'Save note' }).click();
  await expect(app.getByRole('button', { name: 'Save note' })).toHaveCount(0);
  await photograph('run-notes');

  await app.getByRole('button', { name: 'Register' }).click();
  await expect(app.getByRole('heading', { name: 'Model card' })).toBeVisible();
  await app.getByRole('button', { name: 'Promote' }).click();
  await expect(app.getByRole('dialog')).toContainText('becomes champion at once');
  await photograph('promote-dialog');
  await app.getByRole('button', { name: 'Run the gate' }).click();
  await expect(app.locator('#gate')).toContainText('Not promoted. Failed:', { timeout: 60_000 });
  await photograph('gate-refused');

  await app.getByRole('button', { name: 'Promote' }).click();
  await app.getByRole('dialog').getByRole('textbox').fill('Baseline for the paper trade of this month.');
  await app.getByRole('button', { name: 'Run the gate, override' }).click();
  await expect(app.getByText('@champion')).toBeVisible({ timeout: 60_000 });
  await expect(app.locator('#gate')).toContainText('Baseline for the paper trade of this month.');
  await expect(app.getByRole('button', { name: 'Roll back' })).toBeDisabled();
  await go('#/models');
  await expect(app.getByText('1 registered version, 1 champion.')).toBeVisible();
  await photograph('models-champion');
});
