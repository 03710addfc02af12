/// <reference types="vite/client" />
/** What the renderer finds around it: the bridge of the preload (Electron only) and modules without types. */

interface Window {
  readonly host?: import('#contract/host-bridge').HostBridge;
}

declare module 'plotly.js-cartesian-dist-min';
declare module '@fontsource-variable/inter';
declare module '@fontsource-variable/jetbrains-mono';
