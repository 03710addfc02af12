/** Small helpers for cancellation: AbortSignal in, AppError('CANCELLED') out. Nothing here knows Node or the DOM. */
import { AppError } from '#base/errors';

/** Throws CANCELLED when the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AppError('CANCELLED', 'Cancelled.');
}
