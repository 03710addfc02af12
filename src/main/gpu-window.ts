/**
 * The hidden window that drives the graphics card for jobs: Chromium's own WebGPU is the only one that Electron's processes can use.
 * It opens when the first job asks, closes a while after the last job is gone and with the program, and is as closed as the visible one:
 * sandbox, isolation, its own page only, no permissions (`security.ts` guards every page of the session).
 */
import type {
  BrowserWindow,
  BrowserWindowConstructorOptions,
  MessageChannelMain,
  MessagePortMain,
  UtilityProcess,
} from 'electron';
import type { Log } from '#base/log';
import { GPU_WINDOW, type GpuWindowMessage } from '#contract/gpu-window';
import { APP_ORIGIN } from './app-protocol';
import { webPreferences } from './security';

export const GPU_PAGE = `${APP_ORIGIN}/gpu-window.html`;

export interface GpuWindowOptions {
  create(options: BrowserWindowConstructorOptions): BrowserWindow;
  newChannel(): Pick<MessageChannelMain, 'port1' | 'port2'>;
  /** Absolute path of the built preload. */
  readonly preload: string;
  readonly log: Log;
  /** From the end of the last job to the closing, milliseconds: folds of one study start jobs one after the other. */
  readonly idleMs?: number;
}

/** A job's process, as far as it is used. */
export interface GpuJob {
  postMessage(message: GpuWindowMessage, transfer?: MessagePortMain[]): void;
  once(event: 'exit', listener: () => void): unknown;
}

/** The job's end of a utility process: Electron's types say `any`. */
export const gpuJob = (child: UtilityProcess): GpuJob => ({
  postMessage: (message, transfer) => child.postMessage(message, transfer),
  once: (event, listener) => child.once(event, listener),
});

export class GpuWindow {
  readonly #options: GpuWindowOptions;
  readonly #jobs = new Set<GpuJob>();
  #window: { readonly window: BrowserWindow; readonly loaded: Promise<void> } | null = null;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(options: GpuWindowOptions) {
    this.#options = options;
  }

  /** Hands the two ends of a new channel to the job and the page. The job hears where the window does not come up, or goes. */
  async connect(job: GpuJob): Promise<void> {
    clearTimeout(this.#idle);
    this.#keep(job);
    this.#window ??= this.#open();
    const { window, loaded } = this.#window;
    try {
      await loaded;
    } catch (error) {
      return this.#lose(window, `its page did not load: ${String(error)}`);
    }
    // The window, or the job, may have gone in the meantime.
    if (this.#window?.window !== window || !this.#jobs.has(job)) return;
    const { port1, port2 } = this.#options.newChannel();
    window.webContents.postMessage(GPU_WINDOW.port, null, [port2]);
    job.postMessage({ type: GPU_WINDOW.port }, [port1]);
  }

  /** Jobs that still use the card are told. */
  close(): void {
    clearTimeout(this.#idle);
    if (this.#window !== null) this.#lose(this.#window.window, 'the program ends');
  }

  #keep(job: GpuJob): void {
    if (this.#jobs.has(job)) return;
    this.#jobs.add(job);
    job.once('exit', () => {
      this.#jobs.delete(job);
      if (this.#jobs.size > 0) return;
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.close(), this.#options.idleMs ?? 30_000);
      this.#idle.unref();
    });
  }

  #open(): { window: BrowserWindow; loaded: Promise<void> } {
    const window = this.#options.create({
      title: 'Sextant: graphics card',
      show: false,
      width: 100,
      height: 100,
      skipTaskbar: true,
      focusable: false,
      // A hidden page is slowed down unless told; this one works while it is hidden.
      webPreferences: { ...webPreferences(this.#options.preload), backgroundThrottling: false },
    });
    window.webContents.on('will-frame-navigate', (event) => event.preventDefault());
    window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
      this.#lose(window, `${reason}, code ${exitCode}`);
    });
    window.on('closed', () => this.#lose(window, 'the window was closed'));
    return { window, loaded: window.loadURL(GPU_PAGE) };
  }

  #lose(window: BrowserWindow, reason: string): void {
    if (this.#window?.window !== window) return;
    this.#window = null;
    if (this.#jobs.size > 0) this.#options.log.warn('The window that drives the graphics card is gone.', { reason });
    for (const job of this.#jobs) job.postMessage({ type: GPU_WINDOW.lost, reason });
    if (!window.isDestroyed()) window.destroy();
  }
}
