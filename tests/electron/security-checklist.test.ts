/**
 * Electron's security checklist, point by point, against the started program. Every point has a sabotage that undoes it
 * on the running program; a check that does not notice its own sabotage fails.
 */
import { describe, expect, it } from 'vitest';
import type { WebPreferences } from 'electron';
import { ipcHandlers, recorded, type StandInContents } from './electron-stand-in';
import { runEntry, startTestDesktop, type Desktop } from './start-desktop';

interface Point {
  readonly title: string;
  holds(desktop: Desktop): boolean | Promise<boolean>;
  sabotage(desktop: Desktop): void;
}

const FOREIGN = [
  'https://evil.example/',
  'http://127.0.0.1:8080/',
  'file:///etc/passwd',
  'app://sextant.evil.example/',
];

function preferences({ window }: Desktop): WebPreferences {
  const { webPreferences } = window.options;
  if (webPreferences === undefined) throw new Error('the window has no webPreferences');
  return webPreferences;
}

/** A setting that must have this very value, and what a careless change would make of it. */
function setting(title: string, name: keyof WebPreferences, wanted: boolean): Point {
  return {
    title,
    holds: (desktop) => preferences(desktop)[name] === wanted,
    sabotage: (desktop) => Object.assign(preferences(desktop), { [name]: !wanted }),
  };
}

/** Whether an event that may be prevented was. */
function isPrevented(contents: StandInContents, event: string, url: string): boolean {
  let prevented = false;
  contents.emit(event, { url, preventDefault: () => (prevented = true) });
  return prevented;
}

/** What `requestingUrl` is granted when it asks for `permission`. */
function isGranted({ session }: Desktop, permission: string, requestingUrl: string): boolean {
  const request = session.handlers.permissionRequest;
  const check = session.handlers.permissionCheck;
  if (request == null || check == null) return true; // Electron grants everything when nobody was asked
  let granted = true;
  Reflect.apply(request, null, [null, permission, (decision: boolean) => (granted = decision), { requestingUrl }]);
  return granted || Reflect.apply(check, null, [null, permission, new URL(requestingUrl).origin]) === true;
}

function isCancelled({ session }: Desktop, url: string): boolean {
  const listener = session.handlers.request;
  if (listener == null) return false;
  let cancelled = false;
  Reflect.apply(listener, null, [{ url }, (decision: { cancel: boolean }) => (cancelled = decision.cancel)]);
  return cancelled;
}

/** Whether a call from this frame is refused on every channel. */
async function refusesSender(frame: unknown, sender: unknown): Promise<boolean> {
  if (ipcHandlers.size === 0) return false;
  const answers = await Promise.allSettled(
    [...ipcHandlers.values()].map(async (handler) => handler({ senderFrame: frame, sender }, {})),
  );
  return answers.every(({ status }) => status === 'rejected');
}

const points: Point[] = [
  {
    title: '1 loads only local content',
    holds: (desktop) =>
      desktop.window.loaded.every((url) => url.startsWith('app://sextant/')) &&
      FOREIGN.every((url) => isCancelled(desktop, url)),
    sabotage: ({ session }) => (session.handlers.request = null),
  },
  setting('2 gives the page no Node', 'nodeIntegration', false),
  setting('2 gives workers of the page no Node', 'nodeIntegrationInWorker', false),
  setting('2 gives frames of the page no Node', 'nodeIntegrationInSubFrames', false),
  setting('3 isolates the preload', 'contextIsolation', true),
  setting('4 runs the page in a sandbox', 'sandbox', true),
  {
    title: '5 denies every permission that it does not need, to every page',
    holds: (desktop) =>
      ['media', 'geolocation', 'notifications', 'openExternal', 'clipboard-read', 'usb', 'fullscreen'].every(
        (permission) => !isGranted(desktop, permission, 'app://sextant/index.html'),
      ) && !isGranted(desktop, 'clipboard-sanitized-write', 'https://evil.example/'),
    sabotage: ({ session }) => session.setPermissionRequestHandler(null),
  },
  {
    title: '5 denies every device',
    holds: ({ session }) => session.handlers.device?.() === false,
    sabotage: ({ session }) => session.setDevicePermissionHandler(() => true),
  },
  setting('6 keeps web security on', 'webSecurity', true),
  {
    title: '7 sends a content security policy without inline script or eval',
    async holds(desktop) {
      const policy = (await desktop.fetch('app://sextant/index.html')).headers.get('Content-Security-Policy') ?? '';
      return /default-src 'none'/.test(policy) && /script-src 'self'(;|$)/.test(policy) && !/unsafe-eval/.test(policy);
    },
    sabotage: ({ session }) => session.protocols.set('app', () => new Response('<!doctype html>')),
  },
  setting('8 allows no insecure content', 'allowRunningInsecureContent', false),
  setting('9 enables no experimental features', 'experimentalFeatures', false),
  {
    title: '10 enables no blink features',
    holds: (desktop) => preferences(desktop).enableBlinkFeatures === undefined,
    sabotage: (desktop) => Object.assign(preferences(desktop), { enableBlinkFeatures: 'ExecCommandInJavaScript' }),
  },
  setting('11 has no webview tag, so none with allowpopups', 'webviewTag', false),
  {
    title: '12 refuses to attach a webview',
    holds: ({ window }) => isPrevented(window.webContents, 'will-attach-webview', ''),
    sabotage: ({ window }) => window.webContents.removeAllListeners('will-attach-webview'),
  },
  {
    title: '13 stays on its own page',
    holds: ({ window }) =>
      ['will-navigate', 'will-frame-navigate', 'will-redirect'].every(
        (event) =>
          FOREIGN.every((url) => isPrevented(window.webContents, event, url)) &&
          !isPrevented(window.webContents, event, 'app://sextant/index.html#/runs'),
      ),
    sabotage: ({ window }) => window.webContents.removeAllListeners('will-redirect'),
  },
  {
    title: '14 opens no windows',
    holds: ({ window }) =>
      [...FOREIGN, 'app://sextant/index.html', 'about:blank', 'https://doi.org/10.1/x'].every(
        (url) => window.webContents.openHandler?.({ url }).action === 'deny',
      ),
    sabotage: ({ window }) => window.webContents.setWindowOpenHandler(() => ({ action: 'allow' })),
  },
  {
    title: '15 opens only https pages of named hosts in the browser',
    holds({ window }) {
      const refused = [
        ...FOREIGN,
        'http://doi.org/10.1/x',
        'https://doi.org.evil.example/',
        'https://doi.org@evil.example/',
        'https://user:word@doi.org/',
        'https://doi.org:444/',
        'javascript:alert(1)',
        'smb://doi.org/share',
        'ms-msdt:/id',
      ];
      for (const url of [...refused, 'https://doi.org/10.1/x']) window.webContents.openHandler?.({ url });
      return recorded.opened.join() === 'https://doi.org/10.1/x';
    },
    sabotage: ({ window }) =>
      window.webContents.setWindowOpenHandler(({ url }) => {
        recorded.opened.push(url);
        return { action: 'deny' };
      }),
  },
  {
    title: '17 refuses messages of every sender but the top frame of its own page',
    async holds({ window: { webContents } }) {
      const child = { url: 'app://sextant/index.html' };
      const foreign = { url: 'https://evil.example/' };
      return (
        (await refusesSender(null, webContents)) &&
        (await refusesSender(child, webContents)) &&
        (await refusesSender(foreign, { id: webContents.id, mainFrame: foreign }))
      );
    },
    sabotage: () => ipcHandlers.set('sextant:host-info', () => ({})),
  },
  {
    title: '18 uses a protocol of its own, not file://',
    holds: ({ window, session }) =>
      window.loaded.every((url) => !url.startsWith('file:')) && session.protocols.has('app'),
    sabotage: ({ window }) => window.loaded.push('file:///index.html'),
  },
  {
    title: '20 exposes no Electron module to the page',
    async holds() {
      await runEntry('src/preload/index.ts');
      const host = recorded.bridge.host ?? {};
      return (
        Object.keys(recorded.bridge).join() === 'host' && Object.keys(host).join() === 'connect,pickFiles,hostInfo'
      );
    },
    sabotage: () => (recorded.bridge.ipcRenderer = {}),
  },
];

describe("Electron's security checklist", () => {
  it.each(points)('$title', async ({ holds, sabotage }) => {
    const desktop = await startTestDesktop();
    expect(await holds(desktop), 'the program does not keep this point').toBe(true);
    recorded.opened = [];
    sabotage(desktop);
    expect(await holds(desktop), 'the check did not notice its sabotage').toBe(false);
  });

  it('16 uses a supported Electron: the locked version is the one that the types describe', async () => {
    const { default: lock } = await import('../../package-lock.json');
    const { default: own } = await import('../../package.json');
    expect(lock.packages['node_modules/electron'].version).toBe(own.devDependencies.electron);
    expect(Number(own.devDependencies.electron.split('.')[0])).toBeGreaterThanOrEqual(45);
  });
});
