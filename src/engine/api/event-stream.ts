/** Server-sent events: ids for resuming, comments that keep the line open, and no more in memory than the reader takes. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { ErrorEvent, getEventMeta } from '@orpc/server';

export const KEEP_ALIVE_MS = 15_000;

/** Sends events until they end, the reader leaves or an event fails; an explicit `done` tells the end from a lost line. */
export async function sendEvents(
  response: ServerResponse,
  events: AsyncIterator<unknown>,
  keepAliveMs = KEEP_ALIVE_MS,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(': \n\n');
  const keepAlive = setInterval(() => response.write(': \n\n'), keepAliveMs);
  const left = new Promise<undefined>((resolve) => response.once('close', () => resolve(undefined)));
  try {
    for (;;) {
      const step = await Promise.race([events.next(), left]);
      if (step === undefined) return;
      if (step.done === true) break;
      const id = getEventMeta(step.value)?.id;
      await send(response, 'message', step.value, id, left);
    }
    await send(response, 'done', undefined, undefined, left);
  } catch (error) {
    if (!(error instanceof ErrorEvent)) throw error;
    await send(response, 'error', error.data, undefined, left);
  } finally {
    clearInterval(keepAlive);
    // Not awaited: a stream that waits for its next event ends by the caller's signal, not by us standing here.
    events.return?.().catch(() => undefined);
    response.end();
  }
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
