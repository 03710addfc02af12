/**
 * The one place where errors change their clothes: AppError ↔ the RPC library's error ↔ RFC 9457 problem documents.
 * Code, message and data survive every crossing; what is not expected becomes INTERNAL.
 */
import { ORPCError, ValidationError } from '@orpc/server';
import type { z } from 'zod';
import { AppError, ERROR_CODES, isErrorCode, toWire, type WireError } from '#base/errors';
import type { JsonSchema } from '#contract/derive/json-schema';
import { describeIssues, summarize } from '#contract/derive/problems';
import { currentScope } from '../logs/call-scope';

export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  /** The `X-Request-Id` of the call, as it stands in the log. */
  readonly requestId?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What a handler or the validation threw, as an AppError. `input` is the operation's input schema, for the words. */
export function toAppError(error: unknown, input: () => JsonSchema): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof ORPCError) {
    const { cause } = error;
    if (cause instanceof ValidationError) {
      return error.code === 'BAD_REQUEST' ? badInput(cause, input()) : badOutput(cause);
    }
    if (isErrorCode(error.code)) return new AppError(error.code, error.message, { data: plainData(error.data), cause });
  }
  const wire = toWire(error);
  return new AppError(wire.code, wire.message, { cause: error });
}

export function toRpcError(error: AppError): ORPCError<string, unknown> {
  return new ORPCError(error.code, {
    defined: true,
    status: ERROR_CODES[error.code].status,
    message: error.message,
    data: error.data,
    cause: error,
  });
}

export function toProblem(wire: WireError): ProblemDocument {
  const { status, title } = ERROR_CODES[wire.code];
  const correlation = currentScope()?.correlation;
  const problem = {
    type: `urn:sextant:error:${wire.code}`,
    title,
    status,
    detail: wire.message,
    code: wire.code,
    ...(correlation !== undefined && { requestId: correlation }),
  };
  return wire.data === undefined ? problem : { ...problem, data: wire.data };
}

/** The library's own errors (an unmatched body, for one) carry codes outside the closed list. */
export function rpcErrorToProblem(error: ORPCError<string, unknown>): ProblemDocument {
  const code = isErrorCode(error.code) ? error.code : error.status < 500 ? 'BAD_REQUEST' : 'INTERNAL';
  return toProblem({ code, message: error.message, data: plainData(error.data) });
}

function badInput(cause: ValidationError, input: JsonSchema): AppError {
  const issues = cause.issues as readonly z.core.$ZodIssue[]; // the library knows only the common subset of Zod's issues
  const problems = describeIssues(issues, cause.data, input).map(({ path, message }) => ({ path, message }));
  return new AppError('BAD_REQUEST', summarize(problems), { data: { problems }, cause });
}

/** An answer that breaks the contract is our bug: the caller learns where, the log gets the rest. */
function badOutput(cause: ValidationError): AppError {
  const places = cause.issues.slice(0, 3).map(({ path, message }) => {
    const steps = (path ?? []).map((step) => String(typeof step === 'object' ? step.key : step));
    return `${steps.join('.')}: ${message}`;
  });
  return new AppError('INTERNAL', `The answer does not fit the contract (${places.join('; ')}).`, { cause });
}

function plainData(data: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof data === 'object' && data !== null ? { ...data } : undefined;
}
