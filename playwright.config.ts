/**
 * Browser tests: one suite, two hosts. `headless-host` drives Chromium against the headless host; `electron` drives the
 * desktop window wherever Electron can run, and otherwise says why it does not.
 */
import { defineConfig } from '@playwright/test';
import { findElectron } from './scripts/find-electron.mjs';

const electron = findElectron();
if (!electron.ok && process.argv.includes('test') && process.env.TEST_WORKER_INDEX === undefined) {
  console.log(`electron: skipped, ${electron.why}`);
}

export default defineConfig({
  testDir: 'tests/browser',
  outputDir: 'test-results',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // Two cores: the host and its workers need one of them.
  workers: 1,
  forbidOnly: process.env.CI !== undefined,
  retries: 0,
  projects: [
    {
      name: 'headless-host',
      use: {
        browserName: 'chromium',
        viewport: { width: 1280, height: 800 },
        launchOptions: {
          executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
          args: [
            '--no-sandbox',
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
          ],
        },
        trace: 'retain-on-failure',
        screenshot: 'only-on-failure',
      },
    },
    ...(electron.ok ? [{ name: 'electron', testDir: 'tests/browser' }] : []),
  ],
});
