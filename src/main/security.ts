/**
 * What the window is not allowed: every permission, every address but its own, new windows, embedded pages, requests to
 * the network. One file, so that a reader sees the whole rule; every line has its test in tests/electron.
 */
import type { App, Session, Shell, WebContents, WebFrameMain, WebPreferences } from 'electron';
import type { Log } from '#base/log';
import { isAppAddress } from './app-protocol';

/** Hosts of the papers that models and measures cite: their https pages open in the system's browser. */
const DOCUMENT_HOSTS: ReadonlySet<string> = new Set(['doi.org', 'arxiv.org', 'papers.ssrn.com']);

/** Writing plain text to the clipboard, from the product's own page, is the one thing that is granted. */
const GRANTED_PERMISSION = 'clipboard-sanitized-write';

/** The page's settings. Most are Electron's defaults; they are written down so that a changed default changes nothing. */
export function webPreferences(preload: string): WebPreferences {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    // The spell checker downloads its dictionaries.
    spellcheck: false,
  };
}

/** Opens an https page of a known host in the system's browser; refuses everything else. Returns whether it was opened. */
export function openDocument(shell: Pick<Shell, 'openExternal'>, address: string, log: Log): boolean {
  const url = URL.parse(address);
  const isKnown =
    url !== null &&
    url.protocol === 'https:' &&
    DOCUMENT_HOSTS.has(url.hostname) &&
    url.username === '' &&
    url.password === '' &&
    url.port === '';
  if (!isKnown) {
    log.warn('Refused to open an address.', { address: address.slice(0, 200) });
    return false;
  }
  shell
    .openExternal(url.href)
    .catch((error: unknown) => log.warn('No browser took the page.', { found: String(error) }));
  return true;
}

/** Refuses permissions, devices and every request that leaves the machine. Call before a window exists. */
export function guardSession(session: Session, log: Log): void {
  session.setPermissionRequestHandler((_contents, permission, decide, details) => {
    decide(permission === GRANTED_PERMISSION && isAppAddress(details.requestingUrl));
  });
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === GRANTED_PERMISSION && isAppAddress(origin),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler(null);
  session.webRequest.onBeforeRequest((details, decide) => {
    const cancel = !isLocalAddress(details.url);
    if (cancel) log.warn('Refused a request of the page.', { address: details.url.slice(0, 200) });
    decide({ cancel });
  });
}

/** Addresses that never leave the process. Developer tools load their own pages. */
function isLocalAddress(address: string): boolean {
  return isAppAddress(address) || /^(blob|data|devtools|chrome-extension):/.test(address);
}

/** Applies to every page that ever comes up, however it did. */
export function guardContents(app: App, shell: Pick<Shell, 'openExternal'>, log: Log): void {
  app.on('web-contents-created', (_event, contents) => guardPage(contents, shell, log));
}

function guardPage(contents: WebContents, shell: Pick<Shell, 'openExternal'>, log: Log): void {
  contents.on('will-frame-navigate', (event) => {
    if (!isAppAddress(event.url)) event.preventDefault();
  });
  contents.on('will-navigate', (event) => {
    if (!isAppAddress(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isAppAddress(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openDocument(shell, url, log);
    return { action: 'deny' };
  });
}

/** Only the top frame of the product's own page may speak to the main process. */
export function isTrustedSender(event: {
  readonly senderFrame: WebFrameMain | null;
  readonly sender: WebContents;
}): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame === event.sender.mainFrame && isAppAddress(frame.url);
}
