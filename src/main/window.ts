/** The one window: opened on the product's own page, shown when drawn, brought back when its page process dies. */
import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import type { Log } from '#base/log';
import { APP_PAGE } from './app-protocol';
import { webPreferences } from './security';

/** Reloads of a page that keeps dying, within `CRASH_WINDOW_MS`, before the window is left to its user. */
const MAX_RELOADS = 3;
const CRASH_WINDOW_MS = 60_000;

export interface WindowOptions {
  readonly create: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly preload: string;
  readonly isDark: boolean;
  readonly log: Log;
}

export function openWindow({ create, preload, isDark, log }: WindowOptions): BrowserWindow {
  const window = create({
    title: 'Sextant',
    width: 1440,
    height: 900,
    minWidth: 900,
    minHeight: 600,
    show: false,
    backgroundColor: isDark ? '#0f1216' : '#ffffff',
    webPreferences: webPreferences(preload),
  });
  window.once('ready-to-show', () => window.show());
  reviveAfterCrash(window, log);
  window.loadURL(APP_PAGE).catch((error: unknown) => log.error('The page did not load.', { found: String(error) }));
  return window;
}

/** Restores and focuses, for a second start of the program. */
export function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

function reviveAfterCrash(window: BrowserWindow, log: Log): void {
  const crashes: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    log.error('The page process ended.', { reason, exitCode });
    const now = performance.now();
    while (crashes.length > 0 && now - crashes[0] > CRASH_WINDOW_MS) crashes.shift();
    crashes.push(now);
    if (crashes.length <= MAX_RELOADS) window.webContents.reload();
  });
}
