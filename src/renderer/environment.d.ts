/// <reference types="vite/client" />
/** What the renderer finds around it: the three functions of the preload (Electron only) and untyped modules. */

interface HostBridge {
  /** Opens a message port to the engine. */
  connect(): Promise<MessagePort>;
  /** Shows the system's file dialog; paths of what was chosen, empty when cancelled. */
  pickFiles(options?: { multiple?: boolean; title?: string }): Promise<string[]>;
  hostInfo(): Promise<{ platform: string; electron: string }>;
}

interface Window {
  readonly host?: HostBridge;
}

declare module 'plotly.js-cartesian-dist-min';
declare module '@fontsource-variable/inter';
declare module '@fontsource-variable/jetbrains-mono';
