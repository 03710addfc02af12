/**
 * A full disk on screen and on the command line: a real host on a real small disk, in a mount name space of its own. One banner says what
 * is the matter; what is refused says so with its code; when there is room again everything goes on by itself.
 */
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';

const cli = fileURLToPath(new URL('../../out/main/cli.js', import.meta.url));
const DISK_FULL_EXIT = 10;

interface SmallDiskHost extends AsyncDisposable {
  /** Runs `sextant <words> --json` beside the host, in its name space. */
  sextant(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** Fills the disk to the last byte, or makes room again. */
  fill(full: boolean): Promise<void>;
}

async function startOnSmallDisk(): Promise<SmallDiskHost> {
  const disk = mkdtempSync(join(tmpdir(), 'sextant-small-'));
  const workspace = join(disk, 'workspace');
  const env = { ...process.env, XDG_CONFIG_HOME: join(disk, 'config'), SEXTANT_KEY: '5e'.repeat(32) };
  const serve = `mount -t tmpfs -o size=48m tmpfs "${disk}" && exec "${process.execPath}" "${cli}" --workspace "${workspace}" serve --port 0 --per-minute 100000 --json`;
  const child: ChildProcess = spawn('unshare', ['-rm', 'sh', '-c', serve], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new Error('the host was started without pipes');
  await once(createInterface({ input: child.stdout }), 'line');
  // unshare, the shell and the program take each other's place: one process.
  const beside = ['-t', String(child.pid), '-U', '-m', '--preserve-credentials'];
  return {
    sextant: (...words) =>
      new Promise((resolve) => {
        const command = [...beside, process.execPath, cli, '--workspace', workspace, ...words, '--json'];
        execFile('nsenter', command, { env }, (error, stdout, stderr) =>
          resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
        );
      }),
    async fill(full) {
      const filler = join(disk, 'filler');
      const act = full
        ? `for size in 1M 64K 4K 1; do dd if=/dev/zero bs=$size of="${filler}" oflag=append conv=notrunc status=none 2>/dev/null; done; true`
        : `rm -f "${filler}"`;
      await once(spawn('nsenter', [...beside, 'sh', '-c', act]), 'exit');
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      rmSync(disk, { recursive: true, force: true });
    },
  };
}

test('a full disk is one clear state and ends by itself', async ({ page }, info) => {
  test.skip(info.project.name === 'electron', 'the small disk is mounted for the headless host');
  test.skip(
    spawnSync('unshare', ['-rm', 'true']).status !== 0,
    'this machine does not let the test mount a small disk (unshare -rm)',
  );
  await using host = await startOnSmallDisk();
  expect((await host.sextant('datasets', 'generate', '--name', 'market')).code).toBe(0);
  const link = JSON.parse((await host.sextant('open')).stdout) as { url: string }; // what `sextant open --json` prints
  await page.goto(link.url);
  await expect(page.getByRole('contentinfo')).toContainText('local only');
  const banner = page.getByRole('alert').filter({ hasText: 'The disk is full' });
  await expect(banner).toBeHidden();

  await host.fill(true);
  await expect(banner).toContainText('goes on by itself', { timeout: 15_000 });
  const refused = await host.sextant('datasets', 'generate', '--name', 'another');
  expect(refused.code).toBe(DISK_FULL_EXIT);
  expect(refused.stderr).toContain('Nothing is lost');
  expect((await host.sextant('system', 'storage')).stdout).toContain('"full"');
  await page.getByRole('link', { name: 'Data' }).first().click();
  await expect(page.getByRole('link', { name: /market/ }).first()).toBeVisible();

  await host.fill(false);
  await expect(banner).toBeHidden({ timeout: 15_000 });
  expect((await host.sextant('datasets', 'generate', '--name', 'another')).code).toBe(0);
});
