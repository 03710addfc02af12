/** A running job: stage, share, time left, learning curves, cancel with what will be kept, and its log. */
import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { duration } from '#renderer/format';
import { ProgressLine, shareOf } from '#renderer/ui/progress-line';
import { LearningChart } from './learning-chart';
import { TrainingLine } from './training-line';
import { QuarantineCard } from './quarantine-card';
import {
  cancelJob,
  type FollowedJob,
  followJob,
  isOver,
  isQuarantined,
  type JobLogLine,
  pauseJob,
  useJobs,
} from './jobs-store';

/** Follows the events of a job while the component is shown. */
export function useFollowedJob(id: string | null | undefined): FollowedJob | undefined {
  useEffect(() => (id === null || id === undefined ? undefined : followJob(id)), [id]);
  return useJobs((state) => (id === null || id === undefined ? undefined : state.followed[id]));
}

function useNow(active: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [active]);
  return now;
}

/** Before this an estimate would jump about. */
const PACE_KNOWN_MS = 1_500;

/** Time left in the current stage, from its pace so far; null while the pace is not known. */
function timeLeft(job: FollowedJob, now: number): number | null {
  const share = shareOf(job.progress);
  const elapsed = job.stageSince === null ? 0 : now - job.stageSince;
  if (elapsed < PACE_KNOWN_MS || share < 0.02 || share >= 1) return null;
  return (elapsed * (1 - share)) / share;
}

export function JobLog({ lines }: { readonly lines: readonly JobLogLine[] }) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const box = list.current;
    if (box !== null) box.scrollTop = box.scrollHeight;
  }, [lines.length]);
  return (
    <ol ref={list} className="log" aria-label="Log" tabIndex={0}>
      {lines.map((line) => (
        <li key={line.seq}>
          <time dateTime={line.at}>{line.at.slice(11, 19)}</time>
          <span className={line.level === 'error' ? 'danger' : line.level === 'warn' ? 'warn' : undefined}>
            {line.level === 'warn' || line.level === 'error' ? `${line.level}: ` : ''}
            {line.message}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Pausing frees processor, memory and card; resuming goes on from the last checkpoint, to the same result. */
function PauseButton({ job, status }: { readonly job: string; readonly status: 'running' | 'interrupted' }) {
  const [busy, setBusy] = useState(false);
  const isRunning = status === 'running';
  return (
    <Button
      variant="default"
      loading={busy}
      title={isRunning ? 'The last checkpoint is kept' : 'Goes on from the last checkpoint'}
      onClick={() => {
        setBusy(true);
        void pauseJob(job, isRunning)
          .catch(() => {}) // it has ended, or its worker is still stopping: the status says so
          .finally(() => setBusy(false));
      }}
    >
      {isRunning ? 'Pause' : 'Resume'}
    </Button>
  );
}

export interface JobPanelProps {
  readonly job: string;
  readonly label: string;
  /** What stays when it is cancelled. */
  readonly kept: string;
}

export function JobPanel({ job: id, label, kept }: JobPanelProps) {
  const job = useFollowedJob(id);
  const [cancelling, setCancelling] = useState(false);
  const over = isOver(job?.status ?? null);
  const now = useNow(!over);
  const left = job === undefined ? null : timeLeft(job, now);
  const started = job?.startedAt ?? null;
  if (job !== undefined && job.error !== null && isQuarantined(job)) {
    return (
      <div className="stack">
        <QuarantineCard job={id} error={job.error} />
        <JobLog lines={job.log} />
      </div>
    );
  }
  return (
    <div className="stack">
      <ProgressLine progress={job?.progress ?? null} label={label} />
      {job?.progress?.training !== undefined && <TrainingLine training={job.progress.training} />}
      {job !== undefined && <LearningChart curves={job.curves} />}
      <div className="row apart">
        <span className="caption num">
          {started !== null && `Running for ${duration(now - Date.parse(started))}`}
          {left !== null && ` · about ${duration(left)} left in this stage`}
        </span>
        {!over && (
          <span className="row">
            {(job?.status === 'running' || job?.status === 'interrupted') && (
              <PauseButton job={id} status={job.status} />
            )}
            <Button
              variant="default"
              disabled={cancelling}
              title={kept}
              onClick={() => {
                setCancelling(true);
                void cancelJob(id).catch(() => setCancelling(false));
              }}
            >
              {cancelling ? 'Cancelling …' : 'Cancel'}
            </Button>
          </span>
        )}
      </div>
      {cancelling && !over && <p className="caption">{kept}</p>}
      {job !== undefined && job.log.length > 0 && <JobLog lines={job.log} />}
    </div>
  );
}
