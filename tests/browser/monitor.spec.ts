/** The Monitor page: quiet while all is well, and from an alert to its cause when it is not. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';

const FOLDER = process.env.SEXTANT_SCREENSHOTS;

async function inspect(app: Page, name: string): Promise<void> {
  await expect(app.locator('[aria-busy=true]')).toHaveCount(0);
  if (FOLDER !== undefined) {
    mkdirSync(FOLDER, { recursive: true });
    await app.screenshot({ path: join(FOLDER, `${name}.png`) });
  }
  const { violations } = await new AxeBuilder({ page: app }).analyze();
  expect(violations.map(({ id, nodes }) => ({ id, where: nodes[0]?.html }))).toEqual([]);
}

for (const scheme of ['light', 'dark'] as const) {
  test.describe(scheme, () => {
    test.use({ colorScheme: scheme });

    test(`from an alert to its cause, in ${scheme}`, async ({ app, host }) => {
      test.setTimeout(120_000);
      await app.getByRole('link', { name: 'Monitor' }).click();
      await expect(app.getByRole('heading', { name: 'Monitor', level: 1 })).toBeVisible();
      await expect(app.getByText('Every part works.')).toBeVisible();
      await expect(app.getByText('No open alert.')).toBeVisible();
      await expect(app.getByText('No connection to another machine was tried.')).toBeVisible();
      await expect(app.getByRole('region', { name: 'Audit trail, table' })).toContainText('workspace.opened');
      await app.getByRole('radiogroup', { name: 'Lines at least this serious' }).getByText('error').click();
      await expect(app.getByText('No line of this level.')).toBeVisible();
      await app.getByRole('radiogroup', { name: 'Lines at least this serious' }).getByText('info').click();
      await expect(app.getByRole('region', { name: 'Log, table' })).toBeVisible();
      await app.getByRole('heading', { name: 'Monitor', level: 1 }).scrollIntoViewIfNeeded();
      await inspect(app, `monitor-quiet-${scheme}`);

      // The sample market ends long ago: a schedule that uses it makes its age a failure.
      await host.sextant('datasets', 'generate', '--name', 'old');
      const params = JSON.stringify({ dataset: 'old' });
      await host.sextant(
        'schedules',
        'create',
        'features',
        'feature-build',
        '--params',
        params,
        '--every-seconds',
        '10',
      );
      await expect(app.getByText('Data is failing')).toBeVisible({ timeout: 30_000 });
      await expect(app.getByRole('row', { name: /^Data failing/ })).toContainText('sessions behind');
      await expect(app.getByRole('region', { name: 'Flow history, table' })).toContainText('feature-build', {
        timeout: 30_000,
      });
      const alert = app.getByRole('listitem').filter({ hasText: 'health.failing' });
      await expect(alert).toContainText('Ingest newer prices');
      await inspect(app, `monitor-alert-${scheme}`);
      await alert.getByRole('button', { name: 'Acknowledge' }).click();
      await expect(alert).toContainText('acknowledged');
      await app.getByRole('button', { name: 'Verify' }).click();
      await expect(app.getByText(/Intact: \d+ rows proved/)).toBeVisible();
      if (FOLDER !== undefined) {
        await app.getByRole('region', { name: 'Audit trail, table' }).scrollIntoViewIfNeeded();
        await inspect(app, `monitor-below-${scheme}`);
      }

      await host.sextant('schedules', 'remove', 'features');
      await expect(app.getByText('Every part works.')).toBeVisible({ timeout: 40_000 });
      await expect(app.getByText('No open alert.')).toBeVisible();
    });
  });
}
