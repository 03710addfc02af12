/**
 * Events into Redis Streams: one stream per topic, the same fields as a webhook message. The client is an optional peer, loaded when a bridge
 * is set up: `npm install ioredis`. An entry may come twice after a crash; its field `id` stays the same.
 */
import { AppError } from '#base/errors';
import type { TopicEvent } from '#contract/topics';
import type { ChannelTarget } from '#contract/channels';
import { hostOf, judgedAddress, namesLoopback, portOf } from '../deliveries/address-guard';
import type { Outcome } from '../deliveries/delivery-loop';
import type { PostOptions } from '../deliveries/http-post';
import { toMessage } from '../webhooks/send-webhook';

type RedisTarget = Extract<ChannelTarget, { kind: 'redis' }>;

/** The part of ioredis that is used. */
interface RedisClient {
  connect(): Promise<void>;
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  disconnect(): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
}
interface RedisModule {
  readonly Redis: new (url: string, options: Readonly<Record<string, unknown>>) => RedisClient;
}

/** Not a literal, so that bundlers and type checks leave an absent peer alone. */
const PEER: string = 'ioredis';
const TIMEOUT_MS = 10_000;

/** Errors: BAD_REQUEST. */
export function redisUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'redis:' || url.protocol === 'rediss:') && url.hostname !== '') return url;
  throw new AppError('BAD_REQUEST', 'Expected an address such as redis://127.0.0.1:6379, or rediss:// with TLS.');
}

/** Errors: UNAVAILABLE where the client is not installed. */
export async function loadRedis(): Promise<RedisModule> {
  try {
    return (await import(PEER)) as RedisModule; // an optional peer, without types here
  } catch (cause) {
    throw new AppError('UNAVAILABLE', 'Expected the module ioredis, found none. Install it: npm install ioredis.', {
      cause,
    });
  }
}

export async function addToRedis(
  { resolve, ownPorts, admit }: PostOptions,
  target: RedisTarget,
  event: TopicEvent,
): Promise<Outcome> {
  const url = redisUrl(target.url);
  // A URL of an unknown scheme keeps its host as it is written; as http it is normalized, and judged as such.
  const judged = new URL(`http://${url.hostname}:${url.port === '' ? 6379 : url.port}/`);
  if (!namesLoopback(judged)) admit(hostOf(judged), portOf(judged), 'redis');
  await judgedAddress(judged, { allowPrivate: target.allowPrivate, resolve, ownPorts: ownPorts() });
  const { Redis } = await loadRedis();
  const client = new Redis(target.url, {
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    enableOfflineQueue: false,
  });
  client.on('error', () => undefined); // the command fails with it, too
  try {
    await client.connect();
    const { id, type, version, timestamp, data } = toMessage(event);
    const fields = ['id', id, 'type', type, 'version', String(version), 'timestamp', timestamp];
    const stream = `${target.prefix}${event.topic}`;
    await client.call('XADD', stream, 'MAXLEN', '~', target.keep, '*', ...fields, 'data', JSON.stringify(data));
    return { ok: true, status: null };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { ok: false, status: null, error: `The Redis server did not take it: ${found}` };
  } finally {
    client.disconnect();
  }
}
