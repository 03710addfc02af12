/**
 * Jobs on screen: the list of active ones, and the events of those that somebody looks at. An event stream that breaks
 * is taken up after the last event that was seen; each event is kept once.
 */
import { create } from 'zustand';
import type { Job, JobEvent, JobStatus, Progress } from '#contract/jobs';
import type { WireError } from '#base/errors';
import { client, toAppError } from '#renderer/app/client';
import { coalesced, onChange } from '#renderer/app/live-store';
import { addEpochs, type LearningCurve } from './learning-curves';

export interface JobLogLine {
  readonly seq: number;
  readonly at: string;
  readonly level: 'info' | 'warn' | 'error' | 'status';
  readonly message: string;
}

export interface FollowedJob {
  readonly status: JobStatus | null;
  readonly progress: Progress | null;
  readonly error: WireError | null;
  readonly log: readonly JobLogLine[];
  /** Of every network that the job has trained so far, in the order of their first epochs. */
  readonly curves: readonly LearningCurve[];
  readonly lastSeq: number;
  /** When the current stage was first seen, for the estimate of what is left. */
  readonly stageSince: number | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

interface JobsState {
  readonly active: readonly Job[];
  readonly followed: Readonly<Record<string, FollowedJob>>;
}

export const useJobs = create<JobsState>(() => ({ active: [], followed: {} }));

const LOG_LIMIT = 2_000;
const NOTHING: FollowedJob = {
  status: null,
  progress: null,
  error: null,
  log: [],
  curves: [],
  lastSeq: 0,
  stageSince: null,
  startedAt: null,
  finishedAt: null,
};

export function isOver(status: JobStatus | null): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}

/** Whether the job waits for a person because its worker crashed again and again. */
export function isQuarantined({ status, error }: Pick<FollowedJob, 'status' | 'error'>): boolean {
  return status === 'interrupted' && error !== null;
}

/** What one event makes of a followed job; events that were seen already change nothing. */
export function applyEvent(job: FollowedJob, event: JobEvent): FollowedJob {
  if (event.seq <= job.lastSeq) return job;
  const next = { ...job, lastSeq: event.seq };
  if (event.type === 'progress') {
    const sameStage = job.progress?.stage === event.progress.stage;
    const { epochsEnded, ...progress } = event.progress;
    const curves = epochsEnded === undefined ? job.curves : addEpochs(job.curves, epochsEnded);
    return { ...next, progress, curves, stageSince: sameStage ? job.stageSince : Date.parse(event.at) };
  }
  const line: JobLogLine =
    event.type === 'log'
      ? { seq: event.seq, at: event.at, level: event.level, message: event.message }
      : { seq: event.seq, at: event.at, level: 'status', message: event.error?.message ?? event.status };
  const log = [...job.log, line].slice(-LOG_LIMIT);
  if (event.type === 'log') return { ...next, log };
  return {
    ...next,
    log,
    status: event.status,
    error: event.error ?? null,
    startedAt: event.status === 'running' ? event.at : job.startedAt,
    finishedAt: isOver(event.status) ? event.at : null,
  };
}

function update(id: string, change: (job: FollowedJob) => FollowedJob): void {
  useJobs.setState(({ followed }) => ({ followed: { ...followed, [id]: change(followed[id] ?? NOTHING) } }));
}

const followers = new Map<string, { count: number; stop: AbortController }>();
const RETRY_MS = 800;
/** A long history arrives faster than it can be drawn: what came within a frame or two is shown together. */
const SHOWN_EVERY_MS = 30;

/** Gathers events for the store. @returns takes one event; `flush` shows what is left */
function gathered(id: string): { take(event: JobEvent): void; flush(): void } {
  let waiting: JobEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const events = waiting;
    waiting = [];
    if (events.length > 0) update(id, (job) => events.reduce(applyEvent, job));
  };
  return {
    take(event) {
      waiting.push(event);
      timer ??= setTimeout(flush, SHOWN_EVERY_MS);
    },
    flush,
  };
}

async function read(id: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !isOver(useJobs.getState().followed[id]?.status ?? null)) {
    const { take, flush } = gathered(id);
    try {
      const after = useJobs.getState().followed[id]?.lastSeq ?? 0;
      const events = await client().jobs.events({ job: id, after }, { signal });
      for await (const event of events) take(event);
      flush();
    } catch (error) {
      flush();
      if (signal.aborted || toAppError(error).code === 'NOT_FOUND') return;
    }
    if (isOver(useJobs.getState().followed[id]?.status ?? null)) return;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** Follows a job until the returned function is called; several followers share one stream. */
export function followJob(id: string): () => void {
  const held = followers.get(id);
  if (held !== undefined) held.count += 1;
  else {
    const stop = new AbortController();
    followers.set(id, { count: 1, stop });
    void read(id, stop.signal);
  }
  return () => {
    const follower = followers.get(id);
    if (follower === undefined) return;
    follower.count -= 1;
    if (follower.count > 0) return;
    followers.delete(id);
    follower.stop.abort();
  };
}

/** Follows a job to its end, or into quarantine, and says how it ended. */
export function jobEnd(id: string): Promise<FollowedJob> {
  return new Promise((resolve) => {
    const stop = followJob(id);
    const check = (state: JobsState): boolean => {
      const job = state.followed[id];
      if (job === undefined || (!isOver(job.status) && !isQuarantined(job))) return false;
      stop();
      resolve(job);
      return true;
    };
    if (check(useJobs.getState())) return;
    const unsubscribe = useJobs.subscribe((state) => {
      if (check(state)) unsubscribe();
    });
  });
}

export async function cancelJob(id: string): Promise<void> {
  await client().jobs.cancel({ job: id });
}

/** Interrupts a job, or lets it go on from its last checkpoint. */
export async function pauseJob(id: string, paused: boolean): Promise<void> {
  await (paused ? client().jobs.pause({ job: id }) : client().jobs.resume({ job: id }));
}

/** Lets a job out of quarantine, or gives it up. */
export async function decideQuarantine(id: string, decision: 'release' | 'discard', reason: string): Promise<void> {
  await client().jobs[decision]({ job: id, reason });
}

export async function readActiveJobs(): Promise<void> {
  try {
    const { jobs } = await client().jobs.list({ active: true, limit: 50 });
    useJobs.setState({ active: jobs });
  } catch (error) {
    if (toAppError(error).code !== 'UNAVAILABLE') throw error;
  }
}

onChange(
  'jobs',
  coalesced(() => void readActiveJobs()),
);
