/**
 * What the desktop window may ask of its host beyond the contract: a port, a file dialog, what the host is. Names and
 * types only, so that the sandboxed preload can carry them without a library.
 */

/** Names of the messages between preload and main process. Nothing else is listened to. */
export const BRIDGE = {
  connect: 'sextant:connect',
  pickFiles: 'sextant:pick-files',
  hostInfo: 'sextant:host-info',
  /** From main to preload with the port, and on from preload to the page as `data` of a window message. */
  port: 'sextant:port',
} as const;

export interface PickFilesOptions {
  readonly multiple?: boolean;
  readonly title?: string;
}

export interface HostInfo {
  readonly platform: string;
  readonly electron: string;
}

/** `window.host` in the desktop window; absent in a browser. */
export interface HostBridge {
  /** Asks for a port to the engine; it arrives as a window message whose data is `BRIDGE.port`. An older port is closed. */
  connect(): Promise<void>;
  /** Shows the system's file dialog. Resolves to absolute paths, none when cancelled. */
  pickFiles(options?: PickFilesOptions): Promise<readonly string[]>;
  hostInfo(): Promise<HostInfo>;
}
