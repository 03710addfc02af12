/** Progress on stderr: one moving line on a terminal, plain lines elsewhere, so that logs stay readable. */
import type { JobEvent, Progress } from '#contract/jobs';
import type { Output } from './terminal';

const BAR = 24;
const QUIET_MS = 5_000;
const PLAIN_STEP = 0.25;

export interface ProgressReporter {
  event(event: JobEvent): void;
  show(progress: Progress): void;
  /** A line that stays. */
  note(text: string): void;
  /** Clears the moving line. */
  done(): void;
}

export function createProgress(output: Output, now: () => number = () => performance.now()): ProgressReporter {
  let moving = false;
  let lastLine = '';
  let lastAt = -Infinity;
  let lastShare = 0;

  const clear = (): void => {
    if (moving) output.write('\r\u001b[K');
    moving = false;
  };
  const note = (text: string): void => {
    clear();
    output.write(`${text}\n`);
  };
  const show = (report: Progress): void => {
    const share = report.of > 0 ? Math.min(1, report.step / report.of) : 0;
    const label = report.detail === '' ? report.stage : `${report.stage} ${report.detail}`;
    if (output.isTerminal) {
      const filled = Math.round(share * BAR);
      const text = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${String(Math.floor(share * 100)).padStart(3)} % ${label}`;
      output.write(`\r\u001b[K${text.slice(0, output.columns - 1)}`);
      moving = true;
      return;
    }
    const step = Math.floor(share / PLAIN_STEP);
    const isNew = label !== lastLine || step !== lastShare;
    if (!isNew && now() - lastAt < QUIET_MS) return;
    lastLine = label;
    lastShare = step;
    lastAt = now();
    output.write(`  ${label} ${Math.floor(share * 100)} %\n`);
  };
  return {
    event(event) {
      if (event.type === 'progress') show(event.progress);
      else if (event.type === 'log' && event.level !== 'info') note(`  ${event.level}: ${event.message}`);
    },
    show,
    note,
    done: clear,
  };
}
