/** Server-sent events: ids for resuming, comments that keep the line open, and no more in memory than the reader takes. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { ErrorEvent, getEventMeta } from '@orpc/server';
import { AppError } from '#base/errors';
import { toRpcError } from './problems';

export const KEEP_ALIVE_MS = 15_000;

export interface EventOptions {
  /** Fires when the reader's token is no longer good: the stream then ends with an error. */
  readonly ended?: AbortSignal | undefined;
  readonly keepAliveMs?: number;
}

/** Sends events until they end, the reader leaves or an event fails; an explicit `done` tells the end from a lost line. */
export async function sendEvents(
  response: ServerResponse,
  events: AsyncIterator<unknown>,
  { ended, keepAliveMs = KEEP_ALIVE_MS }: EventOptions = {},
): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(': \n\n');
  const keepAlive = setInterval(() => response.write(': \n\n'), keepAliveMs);
  const over = endOf(response, ended);
  try {
    for (;;) {
      const step = await Promise.race([events.next(), over.reached]);
      if (step === 'left') return;
      if (step === 'refused') {
        await send(response, 'error', REFUSED, undefined, over.reached);
        return;
      }
      if (step.done === true) break;
      const id = getEventMeta(step.value)?.id;
      await send(response, 'message', step.value, id, over.reached);
    }
    await send(response, 'done', undefined, undefined, over.reached);
  } catch (error) {
    if (!(error instanceof ErrorEvent)) throw error;
    await send(response, 'error', error.data, undefined, over.reached);
  } finally {
    clearInterval(keepAlive);
    over.forget();
    // Not awaited: a stream that waits for its next event ends by the caller's signal, not by us standing here.
    events.return?.().catch(() => undefined);
    response.end();
  }
}

const REFUSED = toRpcError(
  new AppError('UNAUTHORIZED', 'The token of this stream was revoked, renewed or has come to its end.'),
).toJSON();

/** What ends a stream from outside: the reader leaves, or is not wanted any more. */
function endOf(response: ServerResponse, ended: AbortSignal | undefined) {
  let refuse: () => void = () => undefined;
  const reached = new Promise<'left' | 'refused'>((resolve) => {
    refuse = () => resolve('refused');
    response.once('close', () => resolve('left'));
    if (ended?.aborted === true) refuse();
    ended?.addEventListener('abort', refuse, { once: true });
  });
  return { reached, forget: () => ended?.removeEventListener('abort', refuse) };
}

async function send(
  response: ServerResponse,
  event: string,
  data: unknown,
  id: string | undefined,
  left: Promise<unknown>,
): Promise<void> {
  const lines = [`event: ${event}`, ...(id === undefined ? [] : [`id: ${id}`])];
  lines.push(data === undefined ? 'data:' : `data: ${JSON.stringify(data)}`);
  if (!response.write(`${lines.join('\n')}\n\n`)) await Promise.race([once(response, 'drain'), left]);
}
