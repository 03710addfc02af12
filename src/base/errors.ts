/**
 * The one error class of Sextant and the closed list of its codes.
 * Every expected failure is an AppError whose message says what was expected, what was found and what to do.
 * Anything else that is thrown is a bug and is reported as INTERNAL.
 */

/** Each code with the HTTP status and the process exit code that it maps to. */
export const ERROR_CODES = {
  BAD_REQUEST: { status: 400, exit: 2, title: 'The request is not well formed' },
  UNAUTHORIZED: { status: 401, exit: 3, title: 'A valid token is required' },
  FORBIDDEN: { status: 403, exit: 3, title: 'This is not allowed' },
  NOT_FOUND: { status: 404, exit: 4, title: 'No such thing' },
  CONFLICT: { status: 409, exit: 5, title: 'The current state does not allow this' },
  PRECONDITION_FAILED: { status: 412, exit: 5, title: 'It has changed since it was read' },
  TOO_LARGE: { status: 413, exit: 2, title: 'The input is larger than the limit' },
  MISDIRECTED: { status: 421, exit: 3, title: 'The request was addressed to another host' },
  RATE_LIMITED: { status: 429, exit: 6, title: 'Too many requests' },
  CANCELLED: { status: 409, exit: 130, title: 'Cancelled' },
  INVALID_CONFIG: { status: 422, exit: 2, title: 'The configuration is not valid' },
  INVALID_DATA: { status: 422, exit: 7, title: 'The data cannot be used' },
  NOT_ENOUGH_DATA: { status: 422, exit: 7, title: 'There is not enough data' },
  SINGULAR: { status: 422, exit: 8, title: 'The matrix is singular' },
  INFEASIBLE: { status: 422, exit: 8, title: 'The constraints cannot all hold' },
  NOT_CONVERGED: { status: 422, exit: 8, title: 'The computation did not converge' },
  WRONG_KEY: { status: 423, exit: 9, title: 'The workspace key does not open this workspace' },
  WORKSPACE_LOCKED: { status: 423, exit: 9, title: 'Another Sextant owns this workspace' },
  WORKSPACE_DAMAGED: { status: 503, exit: 9, title: 'The workspace is damaged' },
  WORKSPACE_NEWER: { status: 409, exit: 9, title: 'The workspace was made by a newer Sextant' },
  READ_ONLY: { status: 403, exit: 9, title: 'The workspace is read-only' },
  DISK_FULL: { status: 507, exit: 10, title: 'The disk is full' },
  IO: { status: 500, exit: 10, title: 'A file could not be read or written' },
  WORKER_CRASHED: { status: 500, exit: 11, title: 'The worker process ended without a result' },
  DEVICE_UNAVAILABLE: { status: 503, exit: 12, title: 'The requested device cannot be used' },
  UNAVAILABLE: { status: 503, exit: 12, title: 'Not available right now' },
  INTERNAL: { status: 500, exit: 70, title: 'An internal error' },
} as const satisfies Record<string, { status: number; exit: number; title: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Plain, cloneable form of an AppError: what crosses processes and the wire. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  /** Machine-readable facts (numbers, names) behind the message; plain JSON only. */
  readonly data: Readonly<Record<string, unknown>> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { data?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data;
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value);
}

/** Turns anything thrown into the plain form. Unknown errors become INTERNAL and keep only their message. */
export function toWire(error: unknown): WireError {
  if (error instanceof AppError) {
    return error.data === undefined
      ? { code: error.code, message: error.message }
      : { code: error.code, message: error.message, data: error.data };
  }
  if (error instanceof Error && error.name === 'AbortError') return { code: 'CANCELLED', message: 'Cancelled.' };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

/** Rebuilds an AppError from its plain form. */
export function fromWire(wire: WireError): AppError {
  const code = isErrorCode(wire.code) ? wire.code : 'INTERNAL';
  return new AppError(code, wire.message, wire.data === undefined ? {} : { data: wire.data });
}
