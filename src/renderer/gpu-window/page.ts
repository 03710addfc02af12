/**
 * The page of the hidden window: a dedicated worker for every port that the preload hands over, so that jobs share no device and a page
 * without work holds no memory of the card. The worker is the engine's own (`compute/nn/wgsl`); the page only starts it.
 */
import { GPU_WINDOW } from '#contract/gpu-window';

window.addEventListener('message', (event) => {
  if (event.source !== window || event.origin !== window.location.origin || event.data !== GPU_WINDOW.port) return;
  const [port] = event.ports;
  const worker = new Worker(new URL('../../compute/nn/wgsl/gpu-window-worker.ts', import.meta.url), { type: 'module' });
  // A worker that does not start has nobody at its port: the job hears of it by the port's end.
  worker.addEventListener('error', () => port.close());
  worker.postMessage(null, [port]);
});
