/**
 * The one door: every road (inline, message port, HTTP) enters here. It validates input and output against the contract,
 * checks the scope, maps errors, numbers the events of streams and writes one log line per call, without what was said.
 */
import { implement, withEventMeta, type Router } from '@orpc/server';
import { AppError, toWire, type ErrorCode } from '#base/errors';
import { withFields, type Log } from '#base/log';
import { findOperation } from '#contract/derive/operations';
import { contract, type Contract } from '#contract/index';
import type { OperationMeta, Scope } from '#contract/operation';
import { asStoreError } from '../store/store-error';
import { currentScope, inScope, newCorrelation, type CallScope } from '../logs/call-scope';
import type { CallMeter } from '../metrics/call-metrics';
import { noTracing, type Tracing } from '../traces/tracing';
import type { CallWatch, FinishedCall } from './call-watch';
import type { CallContext, Handlers } from './handlers';
import { toAppError, toRpcError } from './problems';

/** What a road says about its caller. */
export interface Caller {
  readonly actor: string;
  readonly transport: CallContext['transport'];
  readonly scopes: ReadonlySet<Scope>;
  readonly remember?: CallContext['remember'];
}

export type ApiRouter = Router<Contract, Caller>;

type AnyHandler = (input: unknown, context: CallContext) => Promise<unknown>;

interface HandlerCall {
  readonly input: unknown;
  readonly context: Caller;
  readonly signal?: AbortSignal;
  readonly lastEventId?: string | undefined;
}

/** Handlers behind the door. The router is used by every road, so that no road has rules of its own. */
export function createRouter(
  handlers: Handlers,
  hostLog: Log,
  watch: CallWatch,
  meter: CallMeter = () => {},
  tracing: Tracing = noTracing,
): ApiRouter {
  const log = withFields(hostLog, { component: 'api' });
  const root = implement(contract)
    .$context<Caller>()
    .use(({ context, path, procedure, signal, next }, input) =>
      inScope(callScope(), () =>
        tracing.span(path.join('.'), {}, async () => {
          const operation = path.join('.');
          const started = performance.now();
          const { meta } = procedure['~orpc'];
          const note = (code: 'OK' | ErrorCode) => {
            const ms = performance.now() - started;
            meter({ operation, code, seconds: ms / 1000 });
            log.info('call', {
              operation,
              transport: context.transport,
              actor: context.actor,
              code,
              ms: Math.round(ms),
            });
          };
          try {
            requireScope(operation, meta, context.scopes);
            watch.admit(operation, meta);
            const result = await next();
            watch.record({ operation, meta, caller: context, input, answer: result.output, code: 'OK' });
            note('OK');
            return result;
          } catch (error) {
            const known = asAppError(error, operation, signal);
            if (known.code === 'INTERNAL') log.error('call failed', { operation, stack: stackOf(error) });
            note(known.code);
            recordFailure({ operation, meta, caller: context, input, answer: undefined, code: known.code });
            throw toRpcError(known);
          }
        }),
      ),
    );

  /** What failed has already failed with its own reason; a log that cannot be written now must not hide it. */
  function recordFailure(call: FinishedCall): void {
    try {
      watch.record(call);
    } catch (error) {
      log.error('a failed call could not be recorded', { operation: call.operation, error: String(error) });
    }
  }

  const behind = Object.fromEntries(
    Object.entries(contract).map(([noun, procedures]) => [
      noun,
      Object.fromEntries(
        Object.keys(procedures).map((name) => {
          const implementer: unknown = Reflect.get(Reflect.get(root, noun), name);
          const handler: unknown = Reflect.get(Reflect.get(handlers, noun), name);
          return [name, attach(implementer, handler as AnyHandler, `${noun}.${name}`)]; // Handlers has already typed it
        }),
      ),
    ]),
  );
  return root.router(behind as Parameters<typeof root.router>[0]); // fromEntries loses the keys that the contract gave
}

function attach(implementer: unknown, handler: AnyHandler, operation: string): unknown {
  const { handler: bind } = implementer as { handler(run: (call: HandlerCall) => Promise<unknown>): unknown }; // typed per procedure
  return bind.call(implementer, async ({ input, context, signal, lastEventId }: HandlerCall) => {
    const answer = await handler(resumeAfter(input, lastEventId), { ...context, signal, lastEventId });
    return isAsyncIterator(answer) ? numberEvents(answer, operation, signal) : answer;
  });
}

/** HTTP has made one from the headers; the other roads begin here. */
function callScope(): CallScope {
  return currentScope() ?? { correlation: newCorrelation() };
}

function requireScope(operation: string, meta: Partial<OperationMeta>, scopes: ReadonlySet<Scope>): void {
  const needed = meta.scope ?? 'execute';
  if (scopes.has(needed)) return;
  throw new AppError(
    'FORBIDDEN',
    `Expected a token with the scope "${needed}" for ${operation}, found ${[...scopes].join(', ') || 'none'}. Use another token.`,
    { data: { needed } },
  );
}

/** A reader that comes back says which event it saw last; streams that know `after` then start behind it. */
function resumeAfter(input: unknown, lastEventId: string | undefined): unknown {
  const seen = Number(lastEventId);
  if (lastEventId === undefined || !Number.isSafeInteger(seen) || seen < 0) return input;
  if (typeof input !== 'object' || input === null) return input;
  const after: unknown = Reflect.get(input, 'after');
  return { ...input, after: Math.max(typeof after === 'number' ? after : 0, seen) };
}

/** Every event gets its `seq` as event id, which is what a reader resumes from. */
async function* numberEvents(
  events: AsyncIterable<unknown>,
  operation: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<unknown, void, void> {
  try {
    for await (const event of events) {
      const seq: unknown = typeof event === 'object' && event !== null ? Reflect.get(event, 'seq') : undefined;
      yield typeof seq === 'number' && typeof event === 'object' && event !== null
        ? withEventMeta(event, { id: String(seq) })
        : event;
    }
  } catch (error) {
    if (signal?.aborted === true) return;
    throw toRpcError(asAppError(error, operation, signal));
  }
}

function asAppError(error: unknown, operation: string, signal: AbortSignal | undefined): AppError {
  if (signal?.aborted === true && toWire(error).code === 'INTERNAL') return new AppError('CANCELLED', 'Cancelled.');
  const [noun, name] = operation.split('.');
  return toAppError(asStoreError(error, 'the workspace'), () => findOperation(noun, name)?.input ?? {});
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.stack}\ncaused by ${error.cause.stack}` : String(error.stack);
}

function isAsyncIterator(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
