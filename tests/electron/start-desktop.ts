/** The desktop program on a fresh folder, with the stand-in for Electron and everything else real. */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startDesktop } from '#main/desktop';
import { collectingLog, type CollectingLog } from '../support/collecting-log';
import { scratchFolder } from '../support/scratch';
import { app, recorded, resetElectron, session, type BrowserWindow, type StandInSession } from './electron-stand-in';

export interface Desktop {
  readonly window: BrowserWindow;
  readonly session: StandInSession;
  readonly userData: string;
  readonly log: CollectingLog;
  /** Asks for a page or file of `app://` as Chromium would. */
  fetch(url: string, init?: RequestInit): Promise<Response>;
}

/** A folder as the build leaves it. */
export function builtFolder(): string {
  const built = scratchFolder();
  mkdirSync(join(built, 'renderer', 'assets'), { recursive: true });
  writeFileSync(join(built, 'renderer', 'index.html'), '<!doctype html><title>Sextant</title>');
  writeFileSync(join(built, 'renderer', 'assets', 'index-1a2b.js'), 'export {};');
  writeFileSync(join(built, 'secret.txt'), 'not for the page');
  return built;
}

/** Starts it, and ends it in good order after the test. */
export async function startTestDesktop(userData = scratchFolder()): Promise<Desktop> {
  resetElectron(userData);
  const log = collectingLog();
  await startDesktop({ built: builtFolder(), terminal: log });
  onTestFinished(async () => quitDesktop());
  const { defaultSession } = session;
  return {
    window: recorded.windows[0],
    session: defaultSession,
    userData,
    log,
    async fetch(url, init) {
      const handler = defaultSession.protocols.get('app');
      if (handler === undefined) throw new Error('nothing answers app://');
      return handler(new Request(url, init));
    },
  };
}

/** Asks the program to quit and resolves when it really has: quitting waits for the engine. */
export async function quitDesktop(): Promise<void> {
  if (recorded.quits > 0 || recorded.exitCode !== null) return;
  const ended = once(app, 'quit');
  app.quit();
  await ended;
}

let loads = 0;

/** Runs an entry file anew, as a new process or page would; what it imports stays as it is. */
export async function runEntry(
  path: 'src/main/index.ts' | 'src/preload/index.ts' | 'src/preload/gpu-window.ts',
): Promise<void> {
  await import(/* @vite-ignore */ `../../${path}?load=${(loads += 1)}`);
}
