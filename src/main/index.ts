/**
 * The desktop program, as a story: one instance → guarded session → engine → bridge → window. Each step has its own
 * file; this one only puts them in order. Runs in Electron's main process.
 */
import { join } from 'node:path';
import { app, protocol } from 'electron';
import { APP_SCHEME } from './app-protocol';
import { startDesktop } from './desktop';
import { createStderrLog } from './log';

process.umask(0o077);
protocol.registerSchemesAsPrivileged([APP_SCHEME]);
app.enableSandbox();

if (app.requestSingleInstanceLock()) {
  await app.whenReady();
  await startDesktop({ built: join(import.meta.dirname, '..'), terminal: createStderrLog() });
} else {
  app.quit();
}
