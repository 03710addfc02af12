/** The operations of `contract/logs.ts`. */
import { AppError } from '#base/errors';
import type { LogLine } from '#contract/logs';
import type { HandlersOf } from '../api/handlers';
import type { Logbook } from './logbook';
import { passes, type LogFilter } from './log-reader';

/** A reader that takes no more lines loses the oldest of what waits for it, never the program its memory. */
const MOST_PENDING = 1_000;

export function createLogHandlers(logbook: Pick<Logbook, 'read' | 'follow'>, now: () => number): HandlersOf<'logs'> {
  async function* tail(filter: LogFilter, first: number, signal: AbortSignal | undefined): AsyncGenerator<LogLine> {
    const pending: LogLine[] = [];
    let wake = (): void => {};
    const stop = logbook.follow((line) => {
      if (!passes(line, filter)) return;
      pending.push(line);
      if (pending.length > MOST_PENDING) pending.shift();
      wake();
    });
    const leave = (): void => wake();
    signal?.addEventListener('abort', leave, { once: true });
    try {
      const earlier = first === 0 ? [] : (await logbook.read(filter)).slice(0, first);
      const seen = new Set(pending.map(keyOf));
      yield* earlier.filter((line) => !seen.has(keyOf(line))).toReversed();
      while (signal?.aborted !== true) {
        const line = pending.shift();
        if (line !== undefined) yield line;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      stop();
      signal?.removeEventListener('abort', leave);
    }
  }

  return {
    list: async ({ limit, offset, since, ...filter }) => {
      const found = await logbook.read({ ...filter, since: since === undefined ? undefined : sinceOf(since, now()) });
      return { lines: found.slice(offset, offset + limit), total: found.length };
    },
    tail: async ({ lines, ...filter }, { signal }) => tail(filter, lines, signal),
  };
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** UTC milliseconds of a time or of "how long ago". Errors: BAD_REQUEST. */
export function sinceOf(since: string, now: number): number {
  const ago = /^(\d+)([smhd])$/.exec(since);
  const at = ago === null ? Date.parse(since) : now - Number(ago[1]) * UNITS[ago[2]];
  if (!Number.isNaN(at)) return at;
  throw new AppError('BAD_REQUEST', `Expected a time such as 15m, 2h, 7d or 2026-01-31T12:00:00Z, found "${since}".`);
}

function keyOf({ at, seq }: LogLine): string {
  return `${at} ${seq}`;
}
