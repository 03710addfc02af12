/**
 * The synthetic probe: every minute it does what a caller would need done (be let write to the store and read it, be answered by the API) and raises an
 * alert for what does not work, until it does. A probe that cannot even store its alert says so in the log.
 */
import { get } from 'node:http';
import { AppError, toWire } from '#base/errors';
import type { Log } from '#base/log';
import type { Clock } from '../schedules/clock';
import { inTransaction, type Database } from '../store/database';
import type { AlertService } from './alert-service';

const EVERY_MS = 60_000;
const MOST_MS = 5_000;
const PROBE_RULE = 'probe.failed';

export interface ProbeOptions {
  readonly database: Database;
  readonly alerts: Pick<AlertService, 'raise' | 'resolve'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Where this program listens; null while it does not. */
  address(): string | null;
}

export function createProbe({ database, alerts, clock, log, address }: ProbeOptions) {
  const read = database.prepare<[], number>('SELECT count(*) FROM meta').pluck();
  let cancelTimer: (() => void) | null = null;
  let isClosed = false;
  let running: Promise<void> = Promise.resolve();

  /** The lock that every write takes, and a page; nothing is changed, so that an idle workspace stays as it was backed up. */
  function probeStore(): void {
    const started = clock.monotonic();
    inTransaction(database, () => read.get());
    const ms = Math.round(clock.monotonic() - started);
    if (ms > MOST_MS) throw new AppError('UNAVAILABLE', `Expected the store to answer in ${MOST_MS} ms, found ${ms}.`);
  }

  /** Any answer will do: without a token it is 401, and that is an answer. */
  function probeApi(url: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = get(`${url}/api/v1/system/health`, { agent: false, timeout: MOST_MS }, (answer) => {
        answer.resume();
        resolve();
      });
      request.once('timeout', () => request.destroy(new Error(`no answer in ${MOST_MS} ms`)));
      request.once('error', (cause) =>
        reject(new AppError('UNAVAILABLE', `Expected the API to answer at ${url}, found ${cause.message}.`, { cause })),
      );
    });
  }

  async function check(subject: string, work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
      if (!isClosed) alerts.resolve(PROBE_RULE, subject);
    } catch (error) {
      if (isClosed) return;
      const { message } = toWire(error);
      try {
        alerts.raise({ rule: PROBE_RULE, severity: 'critical', subject, message });
      } catch (cause) {
        log.error('The probe failed, and so did storing its alert.', {
          subject,
          message,
          error: toWire(cause).message,
        });
      }
    }
  }

  async function probe(): Promise<void> {
    await check('store', probeStore);
    const url = address();
    if (url !== null && !isClosed) await check('api', () => probeApi(url));
  }

  function tick(): void {
    if (isClosed) return;
    running = probe();
    cancelTimer = clock.after(EVERY_MS, tick);
  }

  return {
    start: tick,
    /** Resolves when no probe is under way. */
    settled: (): Promise<void> => running,
    async close(): Promise<void> {
      isClosed = true;
      cancelTimer?.();
      await running;
    },
  };
}
