/** The card on screen: its gauge, the ladder of devices, and the memory series of a run; a stand-in plays nvidia-smi. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';

const STAND_IN = fileURLToPath(new URL('../support/nvidia-smi.mjs', import.meta.url));
const path = process.env.PATH;
let folder: string;

test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-smi-'));
  const program = join(folder, 'nvidia-smi');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${STAND_IN}' '${join(folder, 'scene.json')}' "$@"\n`);
  chmodSync(program, 0o700);
  process.env.PATH = `${folder}${delimiter}${path}`;
  show({ gpu: '8192, 12288\n' });
});

test.afterAll(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true, force: true });
});

function show(scene: object): void {
  writeFileSync(join(folder, 'scene.json'), JSON.stringify(scene));
}

async function go(app: Page, hash: string): Promise<void> {
  await app.evaluate((next) => {
    window.location.hash = next;
  }, hash);
}

test('gauge, ladder and series say what is known, and a card that is silent is not shown as a number', async ({
  app,
  host,
}) => {
  test.setTimeout(120_000);
  const bar = app.locator('.status-bar');
  await expect(bar).toContainText(/GPU 8\.0.GiB \/ 11\.0.GiB/);
  await expect(bar.getByRole('img')).toHaveAccessibleName(/other programs 8\.0.GiB: 73.% of the VRAM budget/);

  await go(app, '#/settings');
  const devices = app.getByRole('region', { name: 'Devices' });
  const wasm = devices.getByRole('row', { name: /WebAssembly/ });
  await expect(wasm).toContainText(/works.*GF\/s.*ms.*GB\/s/, { timeout: 60_000 });
  await expect(devices.getByRole('row', { name: /CUDA/ })).toContainText('npm run gpu:cuda');

  await host.sextant('datasets', 'generate', '--name', 'sample', '--preset', 'small', '--seed', '1');
  await host.sextant('runs', 'start', '--config.data.dataset', 'sample');
  await go(app, '#/research/latest');
  await expect(app.getByRole('heading', { name: 'Memory of the graphics card' })).toBeVisible();
  await expect(app.getByRole('img', { name: /At most 8\.0.GiB of 11\.0.GiB/ })).toBeVisible();

  show({ hang: true });
  await app.reload();
  await expect(bar).toContainText('nvidia-smi did not answer');
  await expect(bar).not.toContainText('GiB');
});
