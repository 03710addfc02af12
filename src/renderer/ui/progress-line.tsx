/** Progress of one job in words and as a line: stage, detail, steps, share. */
import type { Progress } from '#contract/jobs';
import { integer, percent, words } from '#renderer/format';

export const shareOf = (progress: Progress | null) =>
  progress === null || progress.of <= 0 ? 0 : Math.min(Math.max(progress.step / progress.of, 0), 1);

export interface ProgressLineProps {
  readonly progress: Progress | null;
  readonly label: string;
}

export function ProgressLine({ progress, label }: ProgressLineProps) {
  const share = shareOf(progress);
  return (
    <div className="stack tight">
      <div className="row apart">
        <span className="clip">
          {progress === null ? 'Waiting to start' : words(progress.stage)}
          {progress !== null && progress.detail !== '' && <span className="faint"> · {progress.detail}</span>}
        </span>
        <span className="num faint">
          {progress !== null && progress.of > 0 && `${integer(progress.step)} of ${integer(progress.of)} · `}
          {percent(share, 0)}
        </span>
      </div>
      <div
        className="progress-track"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
      >
        <i style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}
