/** The hidden window's preload: hands ports on to the page, and nothing else. Runs sandboxed and isolated; built as one CommonJS file. */
import { ipcRenderer } from 'electron';
import { GPU_WINDOW } from '#contract/gpu-window';

ipcRenderer.on(GPU_WINDOW.port, (event) =>
  window.postMessage(GPU_WINDOW.port, window.location.origin, [...event.ports]),
);
