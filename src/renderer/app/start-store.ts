/** Start of the screen: sign in, connect, then read what the frame shows and follow what changes. */
import { create } from 'zustand';
import type { AppError } from '#base/errors';
import { readActiveJobs } from '#renderer/features/jobs/jobs-store';
import { readDatasets } from '#renderer/features/datasets/datasets-store';
import { readPortfolios } from '#renderer/features/portfolios/portfolios-store';
import { readRuns } from '#renderer/features/runs/runs-store';
import { connect, toAppError } from './client';
import { followChanges } from './live-store';
import { exchangeCode, forgetToken, storedToken, takeCode } from './session';
import { readInfo, readStorage } from './system-store';

interface StartState {
  readonly phase: 'starting' | 'signed-out' | 'ready';
  readonly error: AppError | null;
}

export const useStart = create<StartState>(() => ({ phase: 'starting', error: null }));

/** Runs once, before anything is drawn. */
export async function start(): Promise<void> {
  const code = takeCode();
  try {
    if (code !== null) await exchangeCode(code);
    if (window.host === undefined && storedToken() === null) {
      useStart.setState({ phase: 'signed-out' });
      return;
    }
    await connect();
    useStart.setState({ phase: 'ready' });
  } catch (error) {
    forgetToken();
    useStart.setState({ phase: 'signed-out', error: toAppError(error) });
  }
}

/** Reads what frame and palette need, and keeps it current until the signal fires. */
export function followWorkspace(signal: AbortSignal): void {
  void readInfo();
  void readStorage();
  void readActiveJobs();
  void readDatasets();
  void readRuns();
  void readPortfolios();
  void followChanges(signal);
}
