/**
 * What crosses the port between a job and the worker that holds the graphics device: questions by number, each answered once. All of it
 * is structured-cloneable. Calls arrive in the order in which they were made; the session's own rules hold for them.
 */
import type { WireError } from '#base/errors';
import type { InputTable, NetworkSession, SessionOptions } from '#quant/nn/engine';
import type { Network } from '#quant/nn/network';

/** Methods of a session that are the same here and there. */
export type SessionCall = {
  [Name in keyof NetworkSession]: NetworkSession[Name] extends (...args: never[]) => Promise<unknown> ? Name : never;
}[keyof NetworkSession];

type CallQuestion = {
  [Name in SessionCall]: {
    readonly do: Name;
    readonly session: number;
    readonly args: Parameters<NetworkSession[Name]>;
  };
}[SessionCall];

export type GpuQuestion =
  | { readonly do: 'connect'; readonly software: boolean }
  | {
      readonly do: 'open';
      /** Chosen by the asker, who can close what is not open yet. */
      readonly session: number;
      readonly network: Network;
      readonly inputs: InputTable;
      readonly options: SessionOptions;
    }
  | { readonly do: 'close'; readonly session: number }
  /** The device is given back; the worker ends. */
  | { readonly do: 'dispose' }
  | CallQuestion;

/** Answer to `connect`. */
export interface GpuDescription {
  readonly device: string;
  readonly deterministic: boolean;
  /** Bytes of a workgroup's memory: what plans depend on. */
  readonly sharedBytes: number;
}

export interface ToGpuWorker {
  readonly id: number;
  readonly ask: GpuQuestion;
}

export type FromGpuWorker =
  { readonly id: number; readonly answer: unknown } | { readonly id: number; readonly error: WireError };

/**
 * The same value without views into larger or shared memory: cloning a view copies all that it looks into, and shared memory does not
 * cross processes.
 */
export function portable<T>(value: T): T {
  return copied(value) as T; // the same shape, member by member
}

function copied(value: unknown): unknown {
  if (value instanceof Float32Array || value instanceof Uint32Array) {
    const isWhole = value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength;
    return isWhole ? value : value.slice();
  }
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copied(member)]));
}
