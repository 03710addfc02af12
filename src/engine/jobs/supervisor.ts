/**
 * Counts crashes, and says when nothing more is to be started. Three crashes of one job within five minutes put the job into
 * quarantine, whatever progress it made in between; crashes of three different jobs of one kind of worker within five
 * minutes stop that kind until a person starts it again, because then the machine is at fault and not a job. One bad job
 * alone therefore never stops the others. (Three in five minutes is what VS Code allows its extension hosts.)
 * The window runs on a clock that nobody can set; what must outlive the host is stored with the job.
 */
import { AppError } from '#base/errors';
import type { WorkerRole, WorkerState } from '#contract/jobs';
import { workerRoleSchema } from '#contract/jobs';
import { memoryLimitOf } from './memory-limit';

export const CRASH_WINDOW_MS = 5 * 60_000;
export const CRASHES_ALLOWED = 3;

interface Crash {
  readonly job: string;
  readonly reason: string;
  /** UTC milliseconds, for people. */
  readonly at: number;
  /** Monotonic milliseconds, for counting. */
  readonly tick: number;
}

interface Role {
  crashes: readonly Crash[];
  /** UTC milliseconds. */
  stoppedAt: number | null;
}

export interface SupervisorOptions {
  /** Wall clock, UTC milliseconds. */
  now(): number;
  /** Milliseconds that only grow; the process's own clock unless told. */
  monotonic?(): number;
  /** A kind of worker was just stopped. */
  onStop?(role: WorkerRole, refusal: AppError): void;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #monotonic: () => number;
  readonly #roles = new Map<WorkerRole, Role>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#monotonic = options.monotonic ?? (() => performance.now());
  }

  /**
   * Counts an unplanned end.
   * @param job what the worker was at; equal for what is the same work tried again
   * @returns whether that job has crashed too often to be tried again
   */
  crashed(role: WorkerRole, job: string, reason: string): boolean {
    const known = this.#role(role);
    known.crashes = [...this.#recent(known), { job, reason, at: this.#options.now(), tick: this.#monotonic() }];
    const jobs = new Set(known.crashes.map((crash) => crash.job));
    if (known.stoppedAt === null && jobs.size >= CRASHES_ALLOWED) {
      known.stoppedAt = this.#options.now();
      const refusal = this.refusal(role);
      if (refusal !== null) this.#options.onStop?.(role, refusal);
    }
    return known.crashes.filter((crash) => crash.job === job).length >= CRASHES_ALLOWED;
  }

  /** Why no worker of this kind is started; null while they are. */
  refusal(role: WorkerRole): AppError | null {
    const { stoppedAt, crashes } = this.#role(role);
    if (stoppedAt === null) return null;
    const reasons = [...new Set(crashes.map(({ reason }) => reason))].join(', ');
    return new AppError(
      'UNAVAILABLE',
      `Expected the workers for ${role} to end well; those of ${CRASHES_ALLOWED} jobs crashed within five minutes (${reasons}), so no more are started. Look at them with "sextant jobs workers", mend the cause, and start them again with "sextant jobs restart ${role}".`,
      { data: { role, crashes: crashes.map(({ job, reason }) => ({ job, reason })) } },
    );
  }

  /** Lets a job be tried again as if it had never crashed. */
  forget(job: string): void {
    for (const role of this.#roles.values()) role.crashes = role.crashes.filter((crash) => crash.job !== job);
  }

  /** Starts workers of a kind again. Errors: CONFLICT where they are not stopped. */
  restart(role: WorkerRole): WorkerState {
    const known = this.#role(role);
    if (known.stoppedAt === null) {
      throw new AppError(
        'CONFLICT',
        `Expected the workers for ${role} to be stopped; they are started as usual. Nothing was changed.`,
      );
    }
    known.stoppedAt = null;
    known.crashes = [];
    return this.#state(role);
  }

  states(): WorkerState[] {
    return workerRoleSchema.options.map((role) => this.#state(role));
  }

  #state(name: WorkerRole): WorkerState {
    const role = this.#role(name);
    const shown = role.stoppedAt === null ? this.#recent(role) : role.crashes;
    return {
      role: name,
      stoppedAt: role.stoppedAt === null ? null : new Date(role.stoppedAt).toISOString(),
      crashes: shown.map(({ at, job, reason }) => ({ at: new Date(at).toISOString(), job, reason })),
      memoryBytes: memoryLimitOf(name),
    };
  }

  #recent({ crashes }: Role): readonly Crash[] {
    const since = this.#monotonic() - CRASH_WINDOW_MS;
    return crashes.filter(({ tick }) => tick > since);
  }

  #role(name: WorkerRole): Role {
    const known = this.#roles.get(name) ?? { crashes: [], stoppedAt: null };
    this.#roles.set(name, known);
    return known;
  }
}
