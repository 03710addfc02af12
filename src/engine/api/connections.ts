/**
 * Holds the number of open connections: when full, the one that has waited longest without a request gives way, so that
 * sockets that only sit there (slowloris) cannot keep a working caller out.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export function limitConnections(server: Server, most: number): void {
  /** Open sockets in the order of their last activity, with the number of requests in work. */
  const open = new Map<Socket, number>();
  server.on('connection', (socket: Socket) => {
    if (open.size >= most) {
      const idle = [...open].find(([, working]) => working === 0)?.[0];
      if (idle === undefined) {
        socket.destroy();
        return;
      }
      open.delete(idle);
      idle.destroy();
    }
    open.set(socket, 0);
    socket.once('close', () => open.delete(socket));
  });
  server.on('request', (request, response) => {
    const { socket } = request;
    const working = open.get(socket);
    if (working === undefined) return;
    open.set(socket, working + 1);
    response.once('close', () => {
      const left = open.get(socket);
      if (left === undefined) return;
      open.delete(socket);
      open.set(socket, left - 1);
    });
  });
}
