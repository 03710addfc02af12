/** The road over a message port: Electron's MessagePortMain, or Node's MessagePort in tests. The caller starts the port. */
import { RPCHandler } from '@orpc/server/message-port';
import { ALL_SCOPES } from './inline';
import type { ApiRouter } from './router';

export type ServerPort = Parameters<RPCHandler<object>['upgrade']>[0];

/** Serves the contract on the port until it closes. The window at the other end acts with all scopes. */
export function servePort(router: ApiRouter, port: ServerPort, actor = 'window'): void {
  new RPCHandler(router).upgrade(port, { context: { actor, transport: 'port', scopes: ALL_SCOPES } });
}
