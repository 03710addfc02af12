/**
 * On whose behalf something happens: the correlation id of the call, and the job that it started. It travels with the
 * asynchronous work itself, so that a log line, a job or a span far below names the call without being told of it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { scrubText } from './scrub';

export interface CallScope {
  /** The same from the call to the last line of what it caused. */
  readonly correlation: string;
  readonly job?: string | undefined;
  /** W3C Trace Context of the span that new spans hang under. */
  readonly traceparent?: string | undefined;
}

const storage = new AsyncLocalStorage<CallScope>();

/** Undefined for what nobody called for: start-up, timers. */
export function currentScope(): CallScope | undefined {
  return storage.getStore();
}

export function inScope<T>(scope: CallScope, work: () => T): T {
  return storage.run(scope, work);
}

/** What an id of a caller may look like: it goes into headers, lines, rows and files as it is. */
const CORRELATION_FORM = /^[A-Za-z0-9._-]{1,64}$/;

export function newCorrelation(): string {
  return randomUUID();
}

/** The caller's `X-Request-Id` where it is well-formed and no secret, a new id otherwise. */
export function correlationOf(header: string | readonly string[] | undefined): string {
  const isUsable = typeof header === 'string' && CORRELATION_FORM.test(header) && scrubText(header) === header;
  return isUsable ? header : newCorrelation();
}

/** What a job keeps of the call that starts it. */
export function currentOrigin(): { readonly correlation: string | null; readonly traceparent: string | null } {
  const scope = currentScope();
  return { correlation: scope?.correlation ?? null, traceparent: scope?.traceparent ?? null };
}
