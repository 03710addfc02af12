/**
 * The dedicated worker of the hidden window: takes one port, serves the engine on it with the browser's own WebGPU, and ends with it.
 * Built for browsers; nothing of Node is seen here.
 */
import type { ToGpuWorker } from './remote-messages';
import { remoteServer } from './remote-server';

/** The parts of a dedicated worker that are used; this folder is checked without the browser's types. */
interface BrowserPort {
  onmessage: ((event: { readonly data: ToGpuWorker }) => void) | null;
  onclose: (() => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}
interface WorkerScope {
  onmessage: ((event: { readonly ports: readonly BrowserPort[] }) => void) | null;
  readonly navigator: { readonly gpu?: GPU };
  close(): void;
}
const scope = globalThis as unknown as WorkerScope; // this file runs as a dedicated worker only

scope.onmessage = ({ ports: [port] }) => {
  const server = remoteServer(scope.navigator.gpu, (message) => port.postMessage(message));
  port.onclose = () => void server.close().finally(() => scope.close());
  port.onmessage = ({ data }) => void server.receive(data);
};
