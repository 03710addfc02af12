/**
 * What time does to alerts, looked at every minute: an urgent one that nobody acknowledges is escalated once, and one that was put off is told
 * again when its time is up. Each is stored with its event in one transaction, so a crash in between neither loses nor doubles it.
 */
import { toWire } from '#base/errors';
import type { Log } from '#base/log';
import type { Clock } from '../schedules/clock';
import type { AlertService } from './alert-service';

const LOOK_MS = 60_000;

export interface AlertWatchOptions {
  readonly alerts: Pick<AlertService, 'look'>;
  readonly clock: Clock;
  readonly log: Log;
}

export function createAlertWatch({ alerts, clock, log }: AlertWatchOptions) {
  let cancelTimer: (() => void) | null = null;
  let isClosed = false;

  function tick(): void {
    if (isClosed) return;
    try {
      alerts.look();
    } catch (error) {
      log.error('Alerts could not be looked at; they are looked at again in a minute.', {
        error: toWire(error).message,
      });
    }
    cancelTimer = clock.after(LOOK_MS, tick);
  }

  return {
    start: tick,
    close(): void {
      isClosed = true;
      cancelTimer?.();
    },
  };
}
