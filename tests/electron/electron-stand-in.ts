/**
 * Electron's own modules, as far as the product uses them, for tests without the binary (aliased in vitest.config.ts).
 * Names are checked against Electron's types; what is recorded can be read in `recorded`. Processes and ports are real:
 * a utility process is a forked Node, a message port is Node's.
 */
import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import { MessageChannelMain } from './stand-in-ports';
import { StandInUtilityProcess } from './stand-in-utility-process';

/** A part of `Real`: a name that Electron does not have is a compile error. */
type PartOf<Real> = { readonly [Name in keyof Real]?: unknown };
type Listener = (...args: never[]) => unknown;

export interface Recorded {
  schemes: Electron.CustomScheme[];
  windows: BrowserWindow[];
  menu: Electron.MenuItemConstructorOptions[];
  opened: string[];
  errorBoxes: { title: string; content: string }[];
  notifications: Electron.NotificationConstructorOptions[];
  exitCode: number | null;
  quits: number;
  sandboxEnabled: boolean;
  bridge: Record<string, unknown>;
}

/** What the tests set and read; `resetElectron` makes it new. */
export const settings = {
  userData: '',
  hasLock: true,
  dark: false,
  dialog: { canceled: true, filePaths: [] } as Electron.OpenDialogReturnValue, // widens the empty list
  keyring: 'gnome_libsecret' as ReturnType<Electron.SafeStorage['getSelectedStorageBackend']>, // widens the literal
  encryption: true,
  notifications: true,
  loadError: null as Error | null, // widens the null
};
export const recorded: Recorded = freshRecord();

function freshRecord(): Recorded {
  return {
    schemes: [],
    windows: [],
    menu: [],
    opened: [],
    errorBoxes: [],
    notifications: [],
    exitCode: null,
    quits: 0,
    sandboxEnabled: false,
    bridge: {},
  };
}

export function resetElectron(userData: string): void {
  Object.assign(settings, { userData, hasLock: true, dark: false, keyring: 'gnome_libsecret', encryption: true });
  settings.dialog = { canceled: true, filePaths: [] };
  settings.loadError = null;
  Object.assign(recorded, freshRecord());
  app.removeAllListeners();
  rendererEvents.removeAllListeners();
  ipcHandlers.clear();
  defaultSession = new StandInSession();
}

/** The page goes, with everything its preload listened to. */
export function leavePage(): void {
  rendererEvents.removeAllListeners();
  recorded.bridge = {};
}

class StandInApp extends EventEmitter {
  getPath(): string {
    return settings.userData;
  }
  requestSingleInstanceLock(): boolean {
    return settings.hasLock;
  }
  async whenReady(): Promise<void> {}
  enableSandbox(): void {
    recorded.sandboxEnabled = true;
  }
  showAboutPanel(): void {}
  quit(): void {
    let isPrevented = false;
    this.emit('before-quit', { preventDefault: () => (isPrevented = true) });
    if (isPrevented) return;
    recorded.quits++;
    this.emit('quit');
  }
  exit(code = 0): void {
    recorded.exitCode = code;
  }
}
export const app = new StandInApp() satisfies PartOf<Electron.App>;

export const protocol = {
  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    recorded.schemes.push(...schemes);
  },
} satisfies PartOf<Electron.Protocol>;

type Protocols = Map<string, (request: Request) => Response | Promise<Response>>;

export class StandInSession {
  readonly protocols: Protocols = new Map();
  readonly handlers: Record<string, Listener | null> = {};
  readonly protocol = {
    handle: (scheme: string, handler: (request: Request) => Promise<Response>) =>
      void this.protocols.set(scheme, handler),
  };
  readonly webRequest = {
    onBeforeRequest: (listener: Listener) => void (this.handlers.request = listener),
  };
  setPermissionRequestHandler(handler: Listener | null): void {
    this.handlers.permissionRequest = handler;
  }
  setPermissionCheckHandler(handler: Listener | null): void {
    this.handlers.permissionCheck = handler;
  }
  setDevicePermissionHandler(handler: Listener | null): void {
    this.handlers.device = handler;
  }
  setDisplayMediaRequestHandler(handler: Listener | null): void {
    this.handlers.displayMedia = handler;
  }
}
let defaultSession = new StandInSession() satisfies PartOf<Electron.Session>;
export const session = {
  get defaultSession(): StandInSession {
    return defaultSession;
  },
};

let nextContentsId = 1;

/** A page: what is sent to it arrives at the preload's `ipcRenderer` of this process. */
export class StandInContents extends EventEmitter {
  readonly id = nextContentsId++;
  readonly mainFrame = { url: 'app://sextant/index.html' };
  openHandler: ((details: { url: string }) => { action: string }) | null = null;
  reloads = 0;
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }
  postMessage(channel: string, message: unknown, transfer: unknown[] = []): void {
    rendererEvents.emit(channel, { ports: transfer.map(rendererPort) }, message);
  }
  reload(): void {
    this.reloads++;
  }
}

/** In the page a transferred port is the browser's `MessagePort`; Node's has the same methods. */
function rendererPort(port: unknown): unknown {
  return typeof port === 'object' && port !== null && 'port' in port ? port.port : port;
}

export class BrowserWindow extends EventEmitter {
  readonly webContents = new StandInContents() satisfies PartOf<Electron.WebContents>;
  readonly loaded: string[] = [];
  readonly calls: string[] = [];
  readonly options: Electron.BrowserWindowConstructorOptions;
  constructor(options: Electron.BrowserWindowConstructorOptions) {
    super();
    this.options = options;
    recorded.windows.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }
  async loadURL(url: string): Promise<void> {
    this.loaded.push(url);
    if (settings.loadError !== null) throw settings.loadError;
    this.emit('ready-to-show');
  }
  isDestroyed(): boolean {
    return this.calls.includes('destroy');
  }
  destroy(): void {
    this.calls.push('destroy');
    this.emit('closed');
  }
  isMinimized(): boolean {
    return true;
  }
  restore(): void {
    this.calls.push('restore');
  }
  show(): void {
    this.calls.push('show');
  }
  focus(): void {
    this.calls.push('focus');
  }
}

export const Menu = {
  buildFromTemplate: (template: Electron.MenuItemConstructorOptions[]) => template,
  setApplicationMenu(menu: Electron.MenuItemConstructorOptions[]): void {
    recorded.menu = menu;
  },
} satisfies PartOf<typeof Electron.Menu>;

export class Notification {
  static isSupported = (): boolean => settings.notifications;
  readonly #options: Electron.NotificationConstructorOptions;
  constructor(options: Electron.NotificationConstructorOptions) {
    this.#options = options;
  }
  show(): void {
    recorded.notifications.push(this.#options);
  }
}

export const shell = {
  async openExternal(url: string): Promise<void> {
    recorded.opened.push(url);
  },
  showItemInFolder(path: string): void {
    recorded.opened.push(path);
  },
} satisfies PartOf<Electron.Shell>;

export const dialog = {
  showOpenDialog: async () => settings.dialog,
  showErrorBox(title: string, content: string): void {
    recorded.errorBoxes.push({ title, content });
  },
} satisfies PartOf<Electron.Dialog>;

export const nativeTheme = {
  get shouldUseDarkColors(): boolean {
    return settings.dark;
  },
} satisfies PartOf<Electron.NativeTheme>;

/** Seals by turning every byte over: enough to see that the file on the disk is not the key. */
const turned = (bytes: Uint8Array): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0xff));
export const safeStorage = {
  isAsyncEncryptionAvailable: async () => settings.encryption,
  getSelectedStorageBackend: () => settings.keyring,
  encryptStringAsync: async (text: string) => turned(Buffer.from(text)),
  decryptStringAsync: async (sealed: Buffer) => ({ result: turned(sealed).toString(), shouldReEncrypt: false }),
} satisfies PartOf<Electron.SafeStorage>;

export const utilityProcess = {
  fork: (path: string, args: string[], options: Electron.ForkOptions) =>
    new StandInUtilityProcess(path, args, options, (details) => app.emit('child-process-gone', {}, details)),
} satisfies PartOf<typeof Electron.utilityProcess>;

export type IpcHandler = (event: unknown, ...args: unknown[]) => unknown;
export const ipcHandlers = new Map<string, IpcHandler>();
export const ipcMain = {
  handle(channel: string, handler: IpcHandler): void {
    if (ipcHandlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    ipcHandlers.set(channel, handler);
  },
} satisfies PartOf<Electron.IpcMain>;

const rendererEvents = new EventEmitter();
export const ipcRenderer = {
  async invoke(channel: string, ...args: unknown[]): Promise<unknown> {
    const sender = recorded.windows[0].webContents;
    return ipcHandlers.get(channel)?.({ sender, senderFrame: sender.mainFrame }, ...structuredClone(args));
  },
  on: (channel: string, listener: (...args: unknown[]) => void) => rendererEvents.on(channel, listener),
} satisfies PartOf<Electron.IpcRenderer>;

export const contextBridge = {
  exposeInMainWorld(name: string, value: unknown): void {
    recorded.bridge[name] = value;
  },
} satisfies PartOf<Electron.ContextBridge>;

export { MessageChannelMain };
