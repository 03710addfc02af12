/**
 * The three functions that the desktop window gets, and nothing generic: no channel names, no event objects and no
 * Electron module reach the page. Runs sandboxed and isolated; built as one CommonJS file.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { BRIDGE, type HostBridge } from '#contract/host-bridge';

const host: HostBridge = {
  connect: () => ipcRenderer.invoke(BRIDGE.connect),
  pickFiles: (options) => ipcRenderer.invoke(BRIDGE.pickFiles, options ?? {}),
  hostInfo: () => ipcRenderer.invoke(BRIDGE.hostInfo),
};

// A port cannot pass through the context bridge; it reaches the page as a message of its own window to its own origin.
ipcRenderer.on(BRIDGE.port, (event) => window.postMessage(BRIDGE.port, window.location.origin, [...event.ports]));

contextBridge.exposeInMainWorld('host', host);
