/** The other side of a FIX session, for tests: a TCP acceptor that keeps what it hears and says what it is told to, right or wrong. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createFrameReader, encode, timestamp, type Field, type FixMessage } from '#engine/brokers/fix/message';

export interface Acceptor extends AsyncDisposable {
  readonly port: number;
  readonly heard: readonly FixMessage[];
  /** Number of its next message. */
  next: number;
  /** Answers a logon by itself; off for tests that answer otherwise. */
  greets: boolean;
  say(type: string, fields?: readonly Field[], seq?: number): void;
  raw(text: string): void;
  hangUp(): void;
  /** The first message that fits, said before or after the call. */
  hears(what: (message: FixMessage) => boolean): Promise<FixMessage>;
}

export async function startAcceptor(): Promise<Acceptor> {
  const heard: FixMessage[] = [];
  const waiting = new Set<() => void>();
  let socket: Socket | null = null;
  const server = createServer((opened) => {
    socket = opened;
    const frames = createFrameReader();
    opened.on('error', () => undefined);
    opened.on('data', (bytes) => {
      for (const message of frames.push(bytes)) {
        heard.push(message);
        if (message.type === 'A' && acceptor.greets) {
          const reset = message.get(141) === 'Y';
          if (reset) acceptor.next = 1;
          acceptor.say('A', [[98, '0'], [108, message.get(108) ?? '30'], ...(reset ? ([[141, 'Y']] as const) : [])]);
        }
        for (const wake of waiting) wake();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const acceptor: Acceptor = {
    port: (server.address() as AddressInfo).port, // a TCP server has one
    heard,
    next: 1,
    greets: true,
    say(type, fields = [], seq = acceptor.next++) {
      acceptor.raw(
        encode([
          [35, type],
          [34, String(seq)],
          [49, 'BROKER'],
          [52, timestamp(Date.now())],
          [56, 'SEXTANT'],
          ...fields,
        ]),
      );
    },
    raw: (text) => void socket?.write(text, 'latin1'),
    hangUp: () => void socket?.destroy(),
    async hears(what) {
      for (;;) {
        const found = heard.find(what);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      }
    },
    async [Symbol.asyncDispose]() {
      socket?.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
  return acceptor;
}
