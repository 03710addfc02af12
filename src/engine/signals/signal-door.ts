/**
 * The door for signals: whoever knocks with a wrong credential, a time further off than five minutes, or too often, changes nothing and
 * learns nothing. What is let in is handed on as checked data, without its credential.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '#base/errors';
import { signalBodySchema, type SignalBody } from '#contract/signals';
import { createRateLimiter } from '../api/rate-limit';
import { isSignedBy, newSecret } from '../webhooks/signature';
import type { SourceRow } from './signal-table';

export const MOST_SIGNAL_BYTES = 256 * 1024;
const MOST_OFF_MS = 300_000;
const STRANGERS_PER_MINUTE = 60;

/** Headers in lower case, as Node gives them. */
export type SignalHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface AdmittedSignal {
  readonly source: SourceRow;
  readonly externalId: string;
  readonly body: Omit<SignalBody, 'token' | 'id' | 'time'>;
  /** SHA-256 of what was sent, without the credential. */
  readonly hash: string;
}

export interface SignalDoorOptions {
  source(id: string): SourceRow | undefined;
  now(): number;
  /** Monotonic milliseconds. */
  readonly monotonic?: () => number;
}

export type AdmitSignal = (sourceId: string, headers: SignalHeaders, bytes: Uint8Array) => AdmittedSignal;

/** Compared against where there is no such source, so that it takes as long. */
const NOBODY: Pick<SourceRow, 'mode' | 'credential'> = { mode: 'signed', credential: newSecret() };

export function createSignalDoor({ source, now, monotonic }: SignalDoorOptions): AdmitSignal {
  const limiter = createRateLimiter(monotonic);

  function takeRate(key: string, perMinute: number): void {
    const decision = limiter.take(key, perMinute);
    if (decision.allowed) return;
    const { retryAfterSeconds } = decision;
    throw new AppError('RATE_LIMITED', `Expected at most ${perMinute} signals a minute, found more.`, {
      data: { perMinute, retryAfterSeconds },
    });
  }

  /** Errors: UNAUTHORIZED, always the same; RATE_LIMITED; BAD_REQUEST for a body that cannot be used, from a sender who is known. */
  return (sourceId, headers, bytes) => {
    const found = source(sourceId);
    const isOpen = found !== undefined && found.disabled_at === null;
    const claim =
      isOpen && found.mode === 'token' ? byToken(found, bytes) : bySignature(found ?? NOBODY, headers, bytes);
    const isFresh = claim !== null && Math.abs(now() - claim.atMs) <= MOST_OFF_MS;
    if (!isOpen || claim === null || !isFresh) {
      takeRate('strangers', STRANGERS_PER_MINUTE);
      throw new AppError('UNAUTHORIZED', 'Expected a signal with a valid credential and the present time, found none.');
    }
    takeRate(found.id, found.per_minute);
    const parsed = signalBodySchema.safeParse(parseJson(bytes));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new AppError(
        'BAD_REQUEST',
        `Expected a signal, found a problem at ${issue.path.join('.') || 'the top'}: ${issue.message}`,
      );
    }
    const { token: _token, id: _id, time: _time, ...body } = parsed.data;
    const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
    return { source: found, externalId: claim.id, body, hash };
  };
}

interface Claim {
  readonly id: string;
  readonly atMs: number;
}

function bySignature(
  { credential, mode }: Pick<SourceRow, 'mode' | 'credential'>,
  headers: SignalHeaders,
  bytes: Uint8Array,
): Claim | null {
  const [id, at, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name]);
  const isGiven = typeof id === 'string' && typeof at === 'string' && typeof signatures === 'string';
  const given = isGiven ? { id, at: Number(at), signatures } : { id: '', at: 0, signatures: '' };
  const isRight = isSignedBy([credential], { ...given, body: bytes });
  const isWellFormed = isGiven && /^[\x21-\x7e]{1,200}$/.test(id) && /^\d{1,11}$/.test(at) && signatures.length < 2000;
  return isRight && isWellFormed && mode === 'signed' ? { id: given.id, atMs: given.at * 1000 } : null;
}

function byToken({ credential }: SourceRow, bytes: Uint8Array): Claim | null {
  const body = parseJson(bytes);
  const field = (name: string): unknown =>
    typeof body === 'object' && body !== null && Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined;
  const [token, id, time] = [field('token'), field('id'), field('time')];
  const given = hashCredential(typeof token === 'string' ? token : '');
  const isRight = timingSafeEqual(Buffer.from(given, 'hex'), Buffer.from(credential, 'hex'));
  const atMs = typeof time === 'string' ? Date.parse(time) : NaN;
  const isNamed = typeof id === 'string' && id.length > 0 && id.length <= 200;
  return isRight && isNamed && Number.isFinite(atMs) ? { id, atMs } : null;
}

export function hashCredential(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined; // refused by whoever looks at it
  }
}
