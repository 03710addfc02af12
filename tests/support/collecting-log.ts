/** A log that keeps its lines, for tests that look at them. */
import type { Log } from '#base/log';

export interface CollectingLog extends Log {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: unknown }[];
}

export function collectingLog(): CollectingLog {
  const lines: CollectingLog['lines'] = [];
  const keep =
    (level: string) =>
    (message: string, fields?: unknown): void =>
      void lines.push({ level, message, fields });
  return { lines, debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
}
