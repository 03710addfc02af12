/**
 * An operation: one thing the app can do, as data. This module hides the RPC library: the rest of the contract
 * says `operation({...})`, and IPC, REST, OpenAPI, the CLI and the forms are derived from what it returns.
 */
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '#base/errors';

export type Scope = 'read' | 'train' | 'export' | 'execute';

export interface OperationMeta {
  readonly kind: 'call' | 'stream';
  /** What a token must be allowed to do. */
  readonly scope: Scope;
  /** Input fields that the command line takes by position, in order. */
  readonly positional: readonly string[];
  /** A read that the access log keeps: it answers with what is held or to be traded. */
  readonly sensitive: boolean;
  /** Its input or answer is a secret: not even a hash of it is kept. */
  readonly secret: boolean;
  /** Must not happen twice by accident: over HTTP it takes an Idempotency-Key. */
  readonly once: boolean;
  /** Accepted while the disk is full: it stops something, or makes room. */
  readonly whenFull: boolean;
  readonly [key: string]: unknown;
}

const errorData = z.record(z.string(), z.unknown()).optional();

/** Every code of the closed list is a declared error of every operation, so that it appears in OpenAPI and in the client's types. */
const declaredErrors = Object.fromEntries(
  Object.entries(ERROR_CODES).map(([code, { status, title }]) => [code, { status, message: title, data: errorData }]),
) as { [Code in ErrorCode]: { status: number; message: string; data: typeof errorData } }; // fromEntries loses the keys

const base = oc
  .$meta<OperationMeta>({
    kind: 'call',
    scope: 'read',
    positional: [],
    sensitive: false,
    secret: false,
    once: false,
    whenFull: false,
  })
  .errors(declaredErrors);

export interface OperationOptions<Input extends z.ZodType, Output extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: `/${string}`;
  readonly summary: string;
  readonly scope?: Scope;
  readonly positional?: readonly string[];
  readonly sensitive?: boolean;
  readonly secret?: boolean;
  readonly once?: boolean;
  readonly whenFull?: boolean;
  readonly input: Input;
  readonly output: Output;
}

function describe(options: OperationOptions<z.ZodType, z.ZodType>, kind: 'call' | 'stream') {
  return {
    meta: {
      kind,
      scope: options.scope ?? 'read',
      positional: options.positional ?? [],
      sensitive: options.sensitive ?? false,
      secret: options.secret ?? false,
      once: options.once ?? false,
      whenFull: options.whenFull ?? options.method === 'DELETE',
    },
    route: { method: options.method, path: options.path, summary: options.summary, tags: [options.path.split('/')[1]] },
  };
}

/** A request with one answer. */
export function operation<Input extends z.ZodType, Output extends z.ZodType>(options: OperationOptions<Input, Output>) {
  const { meta, route } = describe(options, 'call');
  return base.meta(meta).route(route).input(options.input).output(options.output);
}

/** A request answered by a sequence of events; every event carries its `seq` as event id, so a reader resumes after the last it saw. */
export function stream<Input extends z.ZodType, Output extends z.ZodType>(options: OperationOptions<Input, Output>) {
  const { meta, route } = describe(options, 'stream');
  return base.meta(meta).route(route).input(options.input).output(eventIterator(options.output));
}
