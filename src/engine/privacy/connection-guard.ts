/**
 * Stands before every outgoing connection of this process (TCP and TLS, whoever opens it) and lets through what stays on the machine and
 * what the privacy configuration allows. Everything else fails at once, before a name is looked up, and is written down.
 */
import { Socket } from 'node:net';
import { AppError } from '#base/errors';

export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** Answers whether a connection to another machine may be opened; called once per attempt. */
export type ConnectionPolicy = (destination: Destination) => boolean;

type Connect = (this: Socket, ...args: unknown[]) => Socket;

const policies = new Set<ConnectionPolicy>();
let original: Connect | null = null;

/** Puts a policy in force until the returned function is called. All policies in force must agree. */
export function guardConnections(policy: ConnectionPolicy): () => void {
  policies.add(policy);
  install();
  return () => {
    policies.delete(policy);
    if (policies.size === 0) uninstall();
  };
}

export function isLocalHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\]|::ffff:127(\.\d{1,3}){3})$/i.test(host);
}

function install(): void {
  if (original !== null) return;
  const connect = Socket.prototype.connect as Connect; // one of its overloads; the arguments pass through unread
  original = connect;
  const guarded = function (this: Socket, ...args: unknown[]): Socket {
    const destination = destinationOf(args);
    if (destination === null || isLocalHost(destination.host)) return connect.apply(this, args);
    if ([...policies].every((policy) => policy(destination))) return connect.apply(this, args);
    const { host, port } = destination;
    return this.destroy(
      new AppError(
        'FORBIDDEN',
        `Expected a connection on this machine, found one to ${host}:${port}. Nothing was sent. Sextant is local only; ` +
          'name the host in the privacy configuration to allow it.',
        { data: { host, port } },
      ),
    );
  };
  Socket.prototype.connect = guarded as typeof Socket.prototype.connect; // takes whatever the original takes
}

function uninstall(): void {
  if (original === null) return;
  Socket.prototype.connect = original as typeof Socket.prototype.connect; // it came from there
  original = null;
}

/** Null for a pipe or a UNIX socket. Node calls itself with its arguments normalized into one list. */
function destinationOf(args: readonly unknown[]): Destination | null {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args; // Node's own normalized form
  if (typeof first === 'object' && first !== null) {
    const { path, host, port } = first as { path?: unknown; host?: unknown; port?: unknown }; // net.SocketConnectOpts
    if (typeof path === 'string' && port === undefined) return null;
    return { host: typeof host === 'string' ? host : 'localhost', port: Number(port) };
  }
  if (typeof first === 'string' && Number.isNaN(Number(first))) return null;
  return { host: typeof second === 'string' ? second : 'localhost', port: Number(first) };
}
