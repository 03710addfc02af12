/** The one client of the screen: over a message port inside Electron, over HTTP in a browser. */
import { AppError } from '#base/errors';
import { type Client, createClient, httpLink, portLink } from '#contract/client';
import { BRIDGE, type HostBridge } from '#contract/host-bridge';
import { storedToken } from './session';

export type { Client };

let current: Client | undefined;

/** Asks the host for a port and takes the one it sends, from this window alone. */
function receivePort(host: HostBridge): Promise<MessagePort> {
  return new Promise((resolve, reject) => {
    const onMessage = (event: MessageEvent) => {
      if (event.source !== window || event.data !== BRIDGE.port || event.ports.length === 0) return;
      window.removeEventListener('message', onMessage);
      resolve(event.ports[0]);
    };
    window.addEventListener('message', onMessage);
    host.connect().catch(reject);
  });
}

/** Connects once; in Electron this opens the message port. */
export async function connect(): Promise<void> {
  if (window.host === undefined) {
    current = createClient(httpLink({ url: window.location.origin, token: () => storedToken() ?? undefined }));
    return;
  }
  const port = await receivePort(window.host);
  port.start();
  current = createClient(portLink(port));
}

/** The client; `connect` has run before any page is shown. */
export function client(): Client {
  if (current === undefined) throw new AppError('INTERNAL', 'The client was used before it was connected.');
  return current;
}

/** The client throws nothing but AppError; what else arrives here is a defect of the screen. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
}
