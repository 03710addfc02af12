/**
 * Everything between "Electron is ready" and "the program has ended": guards, engine, bridge, window, menu, orderly end.
 * An engine that cannot open its workspace is told in one dialog, and the program ends with the error's exit code.
 */
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  session,
  shell,
  type MessagePortMain,
} from 'electron';
import { ERROR_CODES, toWire } from '#base/errors';
import type { Log } from '#base/log';
import { servePort } from '#engine/api/port';
import { serveApi, type ServedApi } from '#engine/api/serve-api';
import type { Engine } from '#engine/engine';
import type { Host } from '#engine/host';
import { openEngine } from '#engine/lasting-engine';
import { serveApp } from './app-protocol';
import { registerBridge } from './bridge';
import { gpuJob, GpuWindow } from './gpu-window';
import { createElectronHost } from './host';
import { relayedLog } from './log';
import { menuTemplate } from './menu';
import { guardContents, guardSession } from './security';
import { bringToFront, openWindow } from './window';

export interface DesktopOptions {
  /** Absolute path of the folder with `main/`, `preload/` and `renderer/`. */
  readonly built: string;
  /** For whoever started the program from a terminal. */
  readonly terminal: Log;
}

export async function startDesktop({ built, terminal }: DesktopOptions): Promise<void> {
  const { log, continueIn } = relayedLog(terminal);
  guardSession(session.defaultSession, log);
  guardContents(app, shell, log);
  serveApp(session.defaultSession, join(built, 'renderer'));

  const gpuWindow = new GpuWindow({
    create: (options) => new BrowserWindow(options),
    newChannel: () => new MessageChannelMain(),
    preload: join(built, 'preload', 'gpu-window.cjs'),
    log,
  });
  const host = createElectronHost({
    workerEntry: join(built, 'main', 'worker.js'),
    log: terminal,
    onGpuRequest: (child) => void gpuWindow.connect(gpuJob(child)),
  });
  const engine = await openOrTell(host, log);
  if (engine === null) return;
  continueIn(engine.observation.log('electron'));

  registerBridge({
    ipcMain,
    dialog,
    newChannel: () => new MessageChannelMain(),
    serve: (port: MessagePortMain) => servePort(engine.router, port),
    hostInfo: { platform: process.platform, electron: process.versions.electron ?? 'unknown' },
    log,
  });
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate(process.platform, {
        showAbout: () => app.showAboutPanel(),
        showWorkspace: () => shell.showItemInFolder(host.workspace),
      }),
    ),
  );
  keepOneWindow(join(built, 'preload', 'index.cjs'), log);
  endInOrder(engine, await openDoor(engine, host, log), gpuWindow, log);
}

/** Lets the command line attach to this owner of the workspace. The window works without it. */
async function openDoor(engine: Engine, host: Host, log: Log): Promise<ServedApi | null> {
  try {
    return await serveApi({ engine, host, port: 0, rendererDir: null });
  } catch (error) {
    log.warn('The command line cannot attach to this program.', { found: toWire(error).message });
    return null;
  }
}

async function openOrTell(host: Host, log: Log): Promise<Engine | null> {
  try {
    return await openEngine(host);
  } catch (error) {
    const { code, message } = toWire(error);
    log.error('The workspace could not be opened.', { code, message });
    dialog.showErrorBox('Sextant cannot open its workspace', `${message}\n\n${code}`);
    app.exit(ERROR_CODES[code].exit);
    return null;
  }
}

/** Opens the window; a second start of the program and a click in the dock bring it back. */
function keepOneWindow(preload: string, log: Log): void {
  let window: BrowserWindow | null = null;
  const show = (): void => {
    if (window !== null) return bringToFront(window);
    window = openWindow({
      create: (options) => new BrowserWindow(options),
      preload,
      isDark: nativeTheme.shouldUseDarkColors,
      log,
    });
    // Not `window-all-closed`: the hidden window of the graphics card may still be there.
    window.on('closed', () => {
      window = null;
      if (process.platform !== 'darwin') app.quit();
    });
  };
  app.on('second-instance', show);
  app.on('activate', show);
  app.on('window-all-closed', () => {}); // without a listener Electron quits, on macOS too
  show();
}

/** The program ends only after running jobs are interrupted and the workspace is closed. */
function endInOrder(engine: Engine, door: ServedApi | null, gpuWindow: GpuWindow, log: Log): void {
  let isClosed = false;
  async function close(): Promise<void> {
    try {
      await door?.close();
      await engine.close();
    } catch (error) {
      log.error('The workspace did not close in good order.', { found: toWire(error).message });
    }
    gpuWindow.close();
    isClosed = true;
    app.quit();
  }
  let closing: Promise<void> | null = null;
  app.on('before-quit', (event) => {
    if (isClosed) return;
    event.preventDefault();
    closing ??= close();
  });
  engine.onShutdown(() => app.quit());
}
