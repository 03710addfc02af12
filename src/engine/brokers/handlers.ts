/** The operations of `contract/brokers.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { FixBroker } from './fix/fix-broker';

export interface FixSessions {
  readonly orders: FixBroker;
  /** Hears of executions and sends nothing. */
  readonly 'drop-copy': FixBroker;
}

export function createBrokerHandlers(sessions: FixSessions): HandlersOf<'brokers'> {
  const status = (session: keyof FixSessions) => ({
    session,
    state: sessions[session].state,
    ...sessions[session].numbers,
  });
  return {
    list: async () => ({ sessions: [status('orders'), status('drop-copy')] }),
    connect: async ({ session, ...endpoint }) => {
      await sessions[session].connect(endpoint);
      return status(session);
    },
    disconnect: async ({ session }) => {
      sessions[session].disconnect();
      return status(session);
    },
  };
}
