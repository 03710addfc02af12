/** A job whose worker is killed again and again: the screen says why it waits, and a person decides with a reason. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Host } from './fixtures';

/** Workers of the host; it starts other programs too, for a moment, to see how the machine is. */
function workersOf(host: Host): number[] {
  const { pid } = JSON.parse(readFileSync(join(host.workspace, 'host.json'), 'utf8')) as { pid: number }; // what the host publishes
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const children = text === '' ? [] : text.split(' ').map(Number);
  return children.filter((child) => commandOf(child).includes('worker'));
}

/** Empty for a process that has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

test('a job that crashes three times is kept apart, shows its evidence and is discarded with a reason', async ({
  host,
  app,
}) => {
  test.skip(process.platform !== 'linux', 'the test finds the worker in /proc');
  await host.sextant('datasets', 'generate', '--name', 'market', '--preset', 'sp500', '--detach');
  await app.getByRole('link', { name: 'Data' }).first().click();

  const card = app.getByRole('region', { name: 'In quarantine' });
  await test.step('its workers are killed until none is started any more', async () => {
    await expect(async () => {
      for (const pid of workersOf(host)) process.kill(pid, 'SIGKILL');
      await expect(card).toBeVisible({ timeout: 50 });
    }).toPass({ timeout: 40_000, intervals: [50] });
  });

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
