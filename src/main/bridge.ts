/**
 * The main process's end of the three preload functions. Each call is checked for its sender and its shape; the port
 * that `connect` hands out carries the whole contract, so nothing else needs a channel.
 */
import type { Dialog, IpcMain, IpcMainInvokeEvent, MessageChannelMain, MessagePortMain } from 'electron';
import { z } from 'zod';
import { AppError } from '#base/errors';
import type { Log } from '#base/log';
import { BRIDGE, type HostInfo } from '#contract/host-bridge';
import { isTrustedSender } from './security';

export interface BridgeOptions {
  readonly ipcMain: Pick<IpcMain, 'handle'>;
  readonly dialog: Pick<Dialog, 'showOpenDialog'>;
  newChannel(): Pick<MessageChannelMain, 'port1' | 'port2'>;
  /** Serves the contract on the engine's end of a new port. */
  serve(port: MessagePortMain): void;
  readonly hostInfo: HostInfo;
  readonly log: Log;
}

const pickFilesInput = z.strictObject({ multiple: z.boolean().optional(), title: z.string().max(200).optional() });
const PRICE_FILES = [
  { name: 'Prices', extensions: ['csv', 'gz', 'txt', 'parquet'] },
  { name: 'All files', extensions: ['*'] },
];

/** Listens to the closed list of channels. Refused calls reject in the page and change nothing here. */
export function registerBridge(options: BridgeOptions): void {
  const { ipcMain, dialog, hostInfo, log } = options;
  const ports = new Map<number, MessagePortMain>();

  /** One handler behind the sender check. */
  function handle(channel: string, answer: (event: IpcMainInvokeEvent, input: unknown) => unknown): void {
    ipcMain.handle(channel, (event, input: unknown) => {
      if (!isTrustedSender(event)) {
        log.warn('Refused a message of a foreign page.', { channel, frame: event.senderFrame?.url.slice(0, 200) });
        throw new AppError('FORBIDDEN', 'Expected a call of the main window; found another sender. It was refused.');
      }
      return answer(event, input);
    });
  }

  handle(BRIDGE.connect, (event) => {
    const { port1, port2 } = options.newChannel();
    ports.get(event.sender.id)?.close();
    ports.set(event.sender.id, port1);
    port1.on('close', () => {
      if (ports.get(event.sender.id) === port1) ports.delete(event.sender.id);
    });
    options.serve(port1);
    port1.start();
    event.sender.postMessage(BRIDGE.port, null, [port2]);
  });

  handle(BRIDGE.pickFiles, async (_event, input) => {
    const parsed = pickFilesInput.safeParse(input);
    if (!parsed.success)
      throw new AppError('BAD_REQUEST', `The file dialog cannot be shown: ${z.prettifyError(parsed.error)}`);
    const { multiple = false, title } = parsed.data;
    const { canceled, filePaths } = await dialog.showOpenDialog({
      ...(title === undefined ? {} : { title }),
      properties: multiple ? ['openFile', 'multiSelections'] : ['openFile'],
      filters: PRICE_FILES,
    });
    return canceled ? [] : filePaths;
  });

  handle(BRIDGE.hostInfo, () => hostInfo);
}
