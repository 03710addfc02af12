/** Runs the sample: makes the sample market where there is none, then starts the demo run. Survives a reload of the page. */
import { create } from 'zustand';
import type { WireError } from '#base/errors';
import { toWire } from '#base/errors';
import { client, toAppError } from '#renderer/app/client';
import { jobEnd } from '../jobs/jobs-store';
import { SAMPLE_CONFIG, SAMPLE_DATASET } from './sample-config';

interface SampleState {
  readonly phase: 'idle' | 'making-market' | 'starting-run' | 'failed';
  /** Job that makes the market. */
  readonly job: string | null;
  readonly error: WireError | null;
}

const KEY = 'sextant.sample.job';

export const useSample = create<SampleState>(() => ({ phase: 'idle', job: null, error: null }));

async function startRun(): Promise<string> {
  useSample.setState({ phase: 'starting-run', job: null });
  const { run } = await client().runs.start({ config: structuredClone(SAMPLE_CONFIG) as never }); // readonly to mutable
  useSample.setState({ phase: 'idle', error: null });
  return run;
}

async function afterMarket(job: string): Promise<string | null> {
  useSample.setState({ phase: 'making-market', job, error: null });
  sessionStorage.setItem(KEY, job);
  const end = await jobEnd(job);
  sessionStorage.removeItem(KEY);
  if (end.status === 'succeeded') return startRun();
  useSample.setState(
    end.status === 'cancelled' ? { phase: 'idle', job: null } : { phase: 'failed', job: null, error: end.error },
  );
  return null;
}

async function guarded(work: () => Promise<string | null>): Promise<string | null> {
  try {
    return await work();
  } catch (error) {
    useSample.setState({ phase: 'failed', job: null, error: toWire(toAppError(error)) });
    return null;
  }
}

/** Gives the identifier of the run once it is started, or null when it failed or was cancelled. */
export function runSample(): Promise<string | null> {
  return guarded(async () => {
    const { datasets } = await client().datasets.list({ limit: 500 });
    if (datasets.some(({ name }) => name === SAMPLE_DATASET)) return startRun();
    const { job } = await client().datasets.generate({ name: SAMPLE_DATASET, preset: 'small', seed: 1 });
    return afterMarket(job);
  });
}

/** Takes up a sample that was being made when the page was reloaded. */
export function resumeSample(): Promise<string | null> {
  const job = sessionStorage.getItem(KEY);
  if (job === null || useSample.getState().phase !== 'idle') return Promise.resolve(null);
  return guarded(() => afterMarket(job));
}
