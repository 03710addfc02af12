/** E-mail by SMTP. The connection is made here, to the judged address; nodemailer speaks over it. A message keeps its Message-ID when it is sent again. */
import { connect, type Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import { AppError } from '#base/errors';
import type { TopicEvent } from '#contract/topics';
import type { ChannelTarget } from '#contract/channels';
import { judgedAddress, namesLoopback, type Address } from '../deliveries/address-guard';
import type { Outcome } from '../deliveries/delivery-loop';
import type { PostOptions } from '../deliveries/http-post';
import { channelText } from './channel-text';

type MailTarget = Extract<ChannelTarget, { kind: 'email' }>;

const TIMEOUT_MS = 15_000;

/** Errors: BAD_REQUEST where a password would cross a network in clear text. */
export function checkMailTarget(target: MailTarget): void {
  if (target.security !== 'none' || namesLoopback(serverUrl(target))) return;
  throw new AppError(
    'BAD_REQUEST',
    `Expected encryption to ${target.host}, found none. Choose starttls or tls; none is for a server on this machine.`,
  );
}

export async function sendMail(
  options: PostOptions,
  target: MailTarget,
  event: TopicEvent,
  signal: AbortSignal,
): Promise<Outcome> {
  checkMailTarget(target);
  const url = serverUrl(target);
  const { resolve, ownPorts, admit, timeoutMs = TIMEOUT_MS } = options;
  if (!namesLoopback(url)) admit(target.host, target.port, 'email');
  const pinned = await judgedAddress(url, { allowPrivate: target.allowPrivate, resolve, ownPorts: ownPorts() });
  const connection = await opened(target, pinned, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
  const transport = createTransport({
    host: target.host,
    port: target.port,
    secure: target.security === 'tls',
    requireTLS: target.security === 'starttls',
    ignoreTLS: target.security === 'none',
    connection,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    tls: { servername: target.host, minVersion: 'TLSv1.2' },
    ...(target.user === undefined ? {} : { auth: { user: target.user, pass: target.password ?? '' } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { title, body, severity } = channelText(event);
    await transport.sendMail({
      from: target.from,
      to: [...target.to],
      subject: `Sextant: ${title}`.replaceAll(/[\r\n]+/g, ' ').slice(0, 250),
      text: `${body}\n\n${event.at}\n`,
      messageId: `<${event.id}@sextant.local>`,
      priority: severity === 'critical' ? 'high' : 'normal',
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    return { ok: true, status: null };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { ok: false, status: null, error: `The mail server refused it: ${found}` };
  } finally {
    transport.close();
    connection.destroy();
  }
}

const serverUrl = ({ host, port }: MailTarget): URL => {
  const text = `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  if (URL.canParse(text)) return new URL(text);
  throw new AppError('BAD_REQUEST', `Expected the name of a mail server, found "${host}".`);
};

function opened({ host, port }: MailTarget, pinned: Address, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      lookup: (_host, wanted, callback) => {
        if (wanted.all === true) callback(null, [{ ...pinned }]);
        else callback(null, pinned.address, pinned.family);
      },
    });
    const fail = (cause: unknown): void => {
      socket.destroy();
      const found = cause instanceof Error ? cause.message : 'none in time';
      reject(new AppError('UNAVAILABLE', `Expected a connection to ${host}:${port}, found ${found}.`, { cause }));
    };
    const late = (): void => fail(signal.reason);
    signal.addEventListener('abort', late, { once: true });
    socket.once('error', fail);
    socket.once('connect', () => {
      signal.removeEventListener('abort', late);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}
