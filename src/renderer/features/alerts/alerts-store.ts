/** Open alerts as the screen holds them, kept current by the feed of changes; what a person does about one is shown at once. */
import { create } from 'zustand';
import type { AppError } from '#base/errors';
import type { Alert } from '#contract/alerts';
import { client, toAppError } from '#renderer/app/client';
import { onChange } from '#renderer/app/live-store';
import { EMPTY_REMOTE, readInto, type Remote } from '#renderer/app/remote';

const SHOWN = 50;

export interface AlertList {
  /** The worst first, then the newest. */
  readonly alerts: readonly Alert[];
  readonly total: number;
}

interface AlertsState {
  readonly open: Remote<AlertList>;
  /** The alert that something is being done about. */
  readonly doing: string | null;
  readonly failure: AppError | null;
}

export const useAlerts = create<AlertsState>(() => ({ open: EMPTY_REMOTE, doing: null, failure: null }));

export async function readAlerts(): Promise<void> {
  await readInto(
    useAlerts.getState().open,
    () => client().alerts.list({ limit: SHOWN }),
    (open) => useAlerts.setState({ open }),
  );
}

/** Keeps the list current. @returns stops it */
export function followAlerts(): () => void {
  void readAlerts();
  return onChange('alerts', () => void readAlerts());
}

async function act(alert: string, work: () => Promise<unknown>): Promise<void> {
  if (useAlerts.getState().doing !== null) return;
  useAlerts.setState({ doing: alert, failure: null });
  try {
    await work();
  } catch (error) {
    useAlerts.setState({ failure: toAppError(error) });
  } finally {
    useAlerts.setState({ doing: null });
    await readAlerts();
  }
}

export const acknowledgeAlert = (alert: string) => act(alert, () => client().alerts.acknowledge({ alert }));
export const snoozeAlert = (alert: string, minutes: number) =>
  act(alert, () => client().alerts.snooze({ alert, minutes }));
export const resolveAlert = (alert: string) => act(alert, () => client().alerts.resolve({ alert }));
