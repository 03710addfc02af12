/** Small labels: the state of a job, the severity of a finding. Tone is never the only carrier of meaning. */
import type { ReactNode } from 'react';
import type { JobStatus } from '#contract/jobs';

export type Tone = 'neutral' | 'accent' | 'gain' | 'warn' | 'danger';

export interface ChipProps {
  readonly tone?: Tone;
  readonly title?: string | undefined;
  readonly children: ReactNode;
}

export function Chip({ tone = 'neutral', title, children }: ChipProps) {
  return (
    <span className="chip" data-tone={tone} title={title}>
      {children}
    </span>
  );
}

const STATUS_TONE: Readonly<Record<JobStatus, Tone>> = {
  queued: 'neutral',
  running: 'accent',
  succeeded: 'gain',
  failed: 'danger',
  cancelled: 'neutral',
  interrupted: 'warn',
};

const STATUS_MARK: Readonly<Record<JobStatus, string>> = {
  queued: '○',
  running: '◐',
  succeeded: '✓',
  failed: '✕',
  cancelled: '–',
  interrupted: '‖',
};

export function StatusChip({ status }: { readonly status: JobStatus }) {
  return (
    <Chip tone={STATUS_TONE[status]}>
      <span aria-hidden="true">{STATUS_MARK[status]}</span>
      {status}
    </Chip>
  );
}
