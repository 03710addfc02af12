/** The trainer of a job: devices of this build, the job's checkpoints and progress, the memory that a step may take. */
import { createHash } from 'node:crypto';
import { totalmem } from 'node:os';
import { VRAM_BUDGET_BYTES } from '#contract/vram';
import type { Progress } from '#contract/jobs';
import type { EngineId } from '#quant/nn/engine';
import { forgetfulStore, type ResumeStore } from '#quant/research/resume';
import type { JobContext } from '../job';
import { loadEngine } from '../nn/engines';
import { jobResumeStore } from './resume-store';
import { isOnCard, Trainer, type TrainerProgress } from './trainer';

/** A WebAssembly memory ends at 4 GiB; half of the machine is left to everything else. */
const MOST_HOST_BYTES = 3.5 * 2 ** 30;
const REPORT_MS = 500;

export interface JobNetworks {
  readonly networks: Trainer;
  readonly resume: ResumeStore;
}

export interface JobNetworkOptions {
  /** False where the same computation is repeated on other data (audits): nothing of one may reach another. */
  readonly resumes: boolean;
  /** Room on the card; the whole budget unless told. */
  readonly vramBytes?: number;
}

function jobNetworks(context: JobContext, { resumes, vramBytes }: JobNetworkOptions): JobNetworks {
  const now = () => performance.now();
  const resume = resumes ? jobResumeStore({ context, now }) : forgetfulStore();
  const meter = new ProgressMeter(now);
  const networks = new Trainer({
    loadEngine,
    resume,
    budget: (engine) => memoryBudget(engine, vramBytes),
    holdsVram: (bytes) => context.holdsVram(bytes),
    breathe: () => context.breathe(),
    whilePending: async (pending) => context.whilePending(pending),
    warn: (message) => context.log('warn', message),
    report: (progress) => {
      const said = meter.say(progress);
      if (said) context.emit({ stage: 'train', detail: progress.title, step: progress.step, of: progress.of, ...said });
    },
  });
  return { networks, resume };
}

/** Does some work with a trainer, and gives its devices back whatever happens. */
export async function withNetworks<Result>(
  context: JobContext,
  options: JobNetworkOptions,
  work: (given: JobNetworks) => Promise<Result>,
): Promise<Result> {
  const given = jobNetworks(context, options);
  try {
    return await work(given);
  } finally {
    await given.networks.dispose();
  }
}

/** Bytes that one session may take. */
export function memoryBudget(engine: EngineId, vramBytes = VRAM_BUDGET_BYTES): number {
  return isOnCard(engine) ? Math.min(VRAM_BUDGET_BYTES, vramBytes) : Math.min(MOST_HOST_BYTES, totalmem() / 2);
}

/** Speed and time left, from what one training has done since it began or went on; twice a second and at every epoch. */
class ProgressMeter {
  readonly #now: () => number;
  #key = '';
  #network = '';
  #since = 0;
  #rows = 0;
  #firstStep = 0;
  #last = -Infinity;

  constructor(now: () => number) {
    this.#now = now;
  }

  say({
    key,
    title,
    device,
    memory,
    epoch,
    epochs,
    step,
    of,
    loss,
    validationIc,
    rows,
    ended,
  }: TrainerProgress): Pick<Progress, 'training' | 'epochsEnded'> | null {
    const now = this.#now();
    if (key !== this.#key) {
      this.#key = key;
      this.#network = createHash('sha256').update(key).digest('hex').slice(0, 12);
      this.#since = now;
      this.#rows = 0;
      this.#firstStep = step;
    } else this.#rows += rows;
    if (ended === null && now - this.#last < REPORT_MS) return null;
    this.#last = now;
    const seconds = (now - this.#since) / 1000;
    const steps = step - this.#firstStep;
    const known = steps > 0 && seconds > 0;
    const training = {
      epoch,
      epochs,
      loss: finite(loss),
      validationIc: finite(validationIc),
      rowsPerSecond: known ? this.#rows / seconds : null,
      secondsLeft: known ? ((of - step) * seconds) / steps : null,
      memoryBytes: memory,
      device,
    };
    if (ended === null) return { training };
    const { validationLoss } = ended;
    const numbers = {
      loss: finite(ended.loss),
      validationLoss: finite(validationLoss),
      validationIc: finite(ended.validationIc),
    };
    return { training, epochsEnded: [{ network: this.#network, title, epoch: ended.epoch, ...numbers }] };
  }
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
