/** A job whose worker is killed again and again: the screen says why it waits, and a person decides with a reason. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Host } from './fixtures';

/** Processes that the host has started. */
function workersOf(host: Host): number[] {
  const { pid } = JSON.parse(readFileSync(join(host.workspace, 'host.json'), 'utf8')) as { pid: number }; // what the host publishes
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

test('a job that crashes three times is kept apart, shows its evidence and is discarded with a reason', async ({
  host,
  app,
}) => {
  test.skip(process.platform !== 'linux', 'the test finds the worker in /proc');
  await host.sextant('datasets', 'generate', '--name', 'market', '--preset', 'sp500', '--detach');
  await app.getByRole('link', { name: 'Data' }).first().click();

  await test.step('its workers are killed', async () => {
    const killed = new Set<number>();
    await expect(async () => {
      for (const pid of workersOf(host)) {
        if (killed.has(pid)) continue;
        process.kill(pid, 'SIGKILL');
        killed.add(pid);
      }
      expect(killed.size).toBeGreaterThanOrEqual(3);
    }).toPass({ timeout: 20_000, intervals: [50] });
  });

  const card = app.getByRole('region', { name: 'In quarantine' });
  await test.step('the screen says why it waits, and what is known', async () => {
    await expect(card).toContainText('ended unplanned 3 times');
    await expect(card.getByRole('list', { name: 'Crashes' }).getByRole('listitem')).toHaveCount(3);
    await expect(card.getByRole('button', { name: 'Release' })).toBeDisabled();
  });

  await test.step('another job is not held up', async () => {
    await host.sextant('datasets', 'generate', '--name', 'other', '--preset', 'small');
  });

  await test.step('a person gives it up, and the reason is on record', async () => {
    await card.getByLabel('Reason').fill('The market is too large for this machine.');
    await card.getByRole('button', { name: 'Discard' }).click();
    await expect(card).toBeHidden();
    const log = await host.sextant('audit', 'list', '--action', 'job.discarded');
    expect(JSON.stringify(log)).toContain('too large for this machine');
  });
});
