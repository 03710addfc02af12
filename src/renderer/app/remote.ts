/** A value that lives in the engine, as a screen holds it: what is known stays shown while it is read again. */
import type { AppError } from '#base/errors';
import { toAppError } from './client';

export interface Remote<T> {
  readonly value: T | null;
  readonly error: AppError | null;
  readonly loading: boolean;
}

export const EMPTY_REMOTE: Remote<never> = { value: null, error: null, loading: false };

/** Reads, and reports each state: loading with the last value kept, then the new value or the error. */
export async function readInto<T>(
  previous: Remote<T> | undefined,
  read: () => Promise<T>,
  set: (remote: Remote<T>) => void,
): Promise<T | null> {
  set({ value: previous?.value ?? null, error: null, loading: true });
  try {
    const value = await read();
    set({ value, error: null, loading: false });
    return value;
  } catch (error) {
    set({ value: previous?.value ?? null, error: toAppError(error), loading: false });
    return null;
  }
}
