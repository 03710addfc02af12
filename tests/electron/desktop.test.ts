/** The desktop program from start to end: one instance, one window, the whole contract over its port, an orderly end. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MessagePort } from 'node:worker_threads';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HostBridge } from '#contract/host-bridge';
import { createClient, portLink, type Client } from '#contract/client';
import { openTestEngine } from '../support/engine-host';
import { modeOf, scratchFolder } from '../support/scratch';
import { app, leavePage, recorded, resetElectron, settings } from './electron-stand-in';
import { quitDesktop, runEntry, startTestDesktop } from './start-desktop';

/** Loads the real preload into this process, as the page `app://sextant` would have it. */
async function loadPreload(): Promise<{ host: HostBridge; nextPort: () => Promise<MessagePort> }> {
  const ports: MessagePort[] = [];
  const waiting: ((port: MessagePort) => void)[] = [];
  const page = {
    location: { origin: 'app://sextant' },
    postMessage(data: unknown, origin: string, [port]: MessagePort[]) {
      expect({ data, origin }).toEqual({ data: 'sextant:port', origin: 'app://sextant' });
      const reader = waiting.shift();
      if (reader === undefined) ports.push(port);
      else reader(port);
    },
  };
  vi.stubGlobal('window', page);
  onTestFinished(() => void vi.unstubAllGlobals());
  leavePage();
  await runEntry('src/preload/index.ts');
  return {
    host: recorded.bridge.host as HostBridge,
    nextPort: async () => ports.shift() ?? new Promise((resolve) => waiting.push(resolve)),
  };
}

async function connect(): Promise<{ client: Client; port: MessagePort; host: HostBridge }> {
  const { host, nextPort } = await loadPreload();
  const arriving = nextPort();
  await host.connect();
  const port = await arriving;
  port.start();
  onTestFinished(() => port.close());
  return { client: createClient(portLink(port as unknown as Parameters<typeof portLink>[0])), port, host };
}

describe('the start', () => {
  it('ends at once when the program already runs, without a window or a workspace', async () => {
    const folder = scratchFolder();
    resetElectron(folder);
    settings.hasLock = false;
    await runEntry('src/main/index.ts');
    expect(recorded.quits).toBe(1);
    expect(recorded.windows).toHaveLength(0);
    expect(existsSync(join(folder, 'workspace'))).toBe(false);
  });

  it('registers its scheme and turns the sandbox on before Electron is ready', async () => {
    resetElectron(scratchFolder());
    settings.hasLock = false;
    await runEntry('src/main/index.ts');
    expect(recorded.schemes).toEqual([
      {
        scheme: 'app',
        privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
      },
    ]);
    expect(recorded.sandboxEnabled).toBe(true);
  });

  it('brings its window back when it is started a second time', async () => {
    const { window } = await startTestDesktop();
    app.emit('second-instance');
    expect(recorded.windows).toHaveLength(1);
    expect(window.calls).toEqual(['show', 'restore', 'show', 'focus']);
  });

  it('shows the window only when it is drawn, in the color of the theme', async () => {
    const { window } = await startTestDesktop();
    expect(window.options).toMatchObject({ show: false, backgroundColor: '#ffffff', minWidth: 900 });
    expect(window.loaded).toEqual(['app://sextant/index.html']);
  });

  it('says in one dialog why the workspace cannot be opened, and ends with the exit code of the error', async () => {
    const userData = scratchFolder();
    await using owner = await openTestEngine({ workspace: join(userData, 'workspace') });
    expect(owner.workspace).toContain(userData);
    await startTestDesktop(userData);
    expect(recorded.errorBoxes).toHaveLength(1);
    expect(recorded.errorBoxes[0].content).toContain('WORKSPACE_LOCKED');
    expect(recorded.exitCode).toBe(9);
    expect(recorded.windows).toHaveLength(0);
  });

  it('makes the workspace and its sealed key readable for this user only', async () => {
    const { userData } = await startTestDesktop();
    expect(modeOf(join(userData, 'workspace'))).toBe(0o700);
    expect(modeOf(join(userData, 'workspace', 'workspace.db'))).toBe(0o600);
    expect(modeOf(join(userData, 'workspace-key.sealed'))).toBe(0o600);
  });
});

describe('the window', () => {
  it('answers the whole contract over the port that the preload hands to the page', async () => {
    const { userData } = await startTestDesktop();
    const { client } = await connect();
    expect(await client.system.info({})).toMatchObject({
      host: 'electron',
      hostReason: null,
      keySource: 'keychain',
      workspace: join(userData, 'workspace'),
    });
    await expect(client.runs.show({ run: 'no-such-run' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('shows a notification of the desktop where a channel asks for it', async () => {
    await startTestDesktop();
    const { client } = await connect();
    await client.channels.create({ name: 'here', target: { kind: 'desktop' } });
    expect(await client.channels.test({ channel: 'here' })).toMatchObject({ ok: true });
    expect(recorded.notifications).toMatchObject([{ urgency: 'critical', body: expect.stringContaining('test') }]);
  });

  it('streams events over the port', async () => {
    await startTestDesktop();
    const { client } = await connect();
    const { job } = await client.datasets.generate({ preset: 'small', name: 'sample' });
    const seen: number[] = [];
    for await (const event of await client.jobs.events({ job })) {
      seen.push(event.seq);
      if (seen.length === 1) break;
    }
    expect(seen).toHaveLength(1);
  });

  it('closes the old port when the page connects again', async () => {
    await startTestDesktop();
    const first = await connect();
    const closed = new Promise((resolve) => first.port.once('close', resolve));
    const second = await connect();
    await closed;
    expect(await second.client.system.health({})).toMatchObject({ status: 'ok' });
  });

  it('picks files, and refuses a malformed request for the dialog', async () => {
    await startTestDesktop();
    const { host } = await connect();
    expect(await host.pickFiles()).toEqual([]);
    settings.dialog = { canceled: false, filePaths: ['/data/prices.csv'] };
    expect(await host.pickFiles({ multiple: true, title: 'Choose price files' })).toEqual(['/data/prices.csv']);
    for (const wrong of [{ properties: ['openDirectory'] }, { title: 'x'.repeat(201) }, 'all', 7]) {
      await expect(host.pickFiles(wrong as object)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }
  });

  it('tells what the host is and nothing else', async () => {
    await startTestDesktop();
    const { host } = await connect();
    expect(Object.keys(await host.hostInfo())).toEqual(['platform', 'electron']);
  });

  it('reloads a page that died, three times within a minute and no more', async () => {
    const { window, log } = await startTestDesktop();
    for (let i = 0; i < 5; i++) {
      window.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
    }
    window.webContents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 });
    expect(window.webContents.reloads).toBe(3);
    expect(log.lines.filter(({ message }) => message === 'The page process ended.')).toHaveLength(5);
  });
});

describe('the end', () => {
  it('closes the workspace before it ends, and only once', async () => {
    const { userData } = await startTestDesktop();
    app.quit();
    expect(recorded.quits).toBe(0);
    await quitDesktop();
    expect(recorded.quits).toBe(1);
    await using next = await openTestEngine({ workspace: join(userData, 'workspace') }).catch(() => null);
    expect(next).toBeNull(); // the key of the test host is another one: the lock was free, the key was refused
  });

  it('ends when the command line asks for it', async () => {
    await startTestDesktop();
    const { client } = await connect();
    const ended = new Promise((resolve) => app.once('quit', resolve));
    await client.system.shutdown({});
    await ended;
    expect(recorded.quits).toBe(1);
  });
});
