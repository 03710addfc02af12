/**
 * How a job in Electron reaches the graphics card: words between its process, the main process, and the hidden window whose worker
 * drives Chromium's WebGPU. Names only, so that the sandboxed preload can carry them. What crosses the port is the engine's own business.
 */
export const GPU_WINDOW = {
  /** From a job to the main process: a port, please. */
  request: 'sextant:gpu-request',
  /** With the port: from the main process to the job and to the preload, and on to the page as `data` of a window message. */
  port: 'sextant:gpu-port',
  /** From the main process to the job: the window is gone, or never came up. */
  lost: 'sextant:gpu-lost',
} as const;

/** What the main process sends to a job; the port comes beside it. */
export type GpuWindowMessage =
  { readonly type: typeof GPU_WINDOW.port } | { readonly type: typeof GPU_WINDOW.lost; readonly reason: string };

export function isGpuRequest(message: unknown): boolean {
  return typeOf(message) === GPU_WINDOW.request;
}

export function isGpuWindowMessage(message: unknown): message is GpuWindowMessage {
  const type = typeOf(message);
  return type === GPU_WINDOW.port || type === GPU_WINDOW.lost;
}

function typeOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined;
}
