/**
 * Watches the card's memory once a second while a job runs or waits for the card, keeps a series per job, and is the lease of the
 * card: one job or probe holds it at a time, and only if it fits the budget.
 */
import type { VramState, VramSeries } from '#contract/vram';
import { VramGuard, type VramEvent } from './vram-guard';
import { VramRecorder } from './vram-series';
import type { VramSource } from './vram-source';

const SAMPLE_MS = 1000;
/** How often a running job's series is stored; what is lost with the host is at most this. */
const STORE_EVERY = 10;
/** How long a refused job is expected to ask again. */
const WAITING_MS = 5000;

/** The card as the queue sees it. */
export type CardLease = Pick<VramMonitor, 'take' | 'enter' | 'report' | 'leave' | 'onChange'>;

export interface VramMonitorOptions {
  readonly source: VramSource;
  /** UTC milliseconds. */
  now(): number;
  /** Keeps a job's series; called while it runs and when it ends. */
  store(job: string, series: VramSeries): void;
  /** Told once per event; `holder` is the job that holds the card. */
  onEvent(event: VramEvent, holder: string | null): void;
  readonly sampleMs?: number;
}

interface Watched {
  readonly recorder: VramRecorder;
  /** What the job says it holds. */
  reported: number;
  pid: number | undefined;
}

export class VramMonitor {
  readonly #options: VramMonitorOptions;
  readonly #guard = new VramGuard();
  readonly #jobs = new Map<string, Watched>();
  readonly #listeners = new Set<() => void>();
  #holder: string | null = null;
  /** Somebody asked for the card in vain not long ago; one that was cancelled does not ask again. */
  #waitingUntil = 0;
  #timer: NodeJS.Timeout | null = null;
  #pending: Promise<void> | null = null;
  #samples = 0;
  #closed = false;

  constructor(options: VramMonitorOptions) {
    this.#options = options;
  }

  /** What is known now. Reads the card where nothing has been read for a while. */
  async current(): Promise<VramState> {
    if (this.#timer === null) await this.#sample();
    return this.#state();
  }

  /** Bytes that a job which starts now may plan to hold. Reads the card where nothing has been read for a while. */
  async freeBytes(): Promise<number> {
    if (this.#timer === null) await this.#sample();
    return this.#guard.freeBytes(this.#options.now());
  }

  /** Calls `listener` whenever a waiting job may look again. @returns stops it */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Takes the lease of the card for a job that needs so many bytes. @returns why it cannot have it now, or null once it has it.
   * A refusal keeps the monitor watching; `onChange` tells when to ask again.
   */
  take(holder: string, neededBytes: number): string | null {
    const busy = this.#heldByOther(holder);
    if (busy !== null) return busy;
    const now = this.#options.now();
    const refusal = this.#guard.refusal(now, neededBytes);
    if (refusal === null) {
      this.#holder = holder;
    } else {
      this.#waitingUntil = now + WAITING_MS;
      this.#watch();
    }
    return refusal;
  }

  /** Takes the lease for something that needs next to nothing, whatever the card's memory. @returns as `take` */
  hold(holder: string): string | null {
    const busy = this.#heldByOther(holder);
    if (busy === null) this.#holder = holder;
    return busy;
  }

  /** Gives the lease back; safe to call without holding it. */
  release(holder: string): void {
    if (this.#holder !== holder) return;
    this.#holder = null;
    for (const listener of this.#listeners) listener();
  }

  /** A job's process has started: its share is ours, and its series begins. */
  enter(job: string, pid: number | undefined): void {
    this.#jobs.set(job, { recorder: new VramRecorder(this.#options.now()), reported: 0, pid });
    this.#watch();
  }

  /** What a job says that it holds on the card now. */
  report(job: string, bytes: number): void {
    const watched = this.#jobs.get(job);
    if (watched !== undefined && Number.isFinite(bytes) && bytes >= 0) watched.reported = bytes;
  }

  /** The job's process is gone, or never came to be. */
  leave(job: string): void {
    const watched = this.#jobs.get(job);
    this.#jobs.delete(job);
    if (watched !== undefined) this.#store(job, watched);
    this.release(job);
  }

  close(): void {
    this.#closed = true;
    this.#stop();
    this.#listeners.clear();
  }

  #heldByOther(holder: string): string | null {
    return this.#holder === null || this.#holder === holder ? null : `The card is in use by ${this.#holder}.`;
  }

  #watch(): void {
    if (this.#timer !== null || this.#closed) return;
    const tick = (): void => void this.#sample();
    this.#timer = setInterval(tick, this.#options.sampleMs ?? SAMPLE_MS);
    tick();
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** One reading; a second call while one is on its way waits for the same. */
  #sample(): Promise<void> {
    return (this.#pending ??= this.#read().finally(() => {
      this.#pending = null;
    }));
  }

  async #read(): Promise<void> {
    const { source, now, onEvent } = this.#options;
    const pids = new Set([...this.#jobs.values()].flatMap(({ pid }) => (pid === undefined ? [] : [pid])));
    // The time of the question: what comes back is no newer than that.
    const at = now();
    const reading = await source(pids);
    if (this.#closed) return;
    const events = this.#guard.observe(at, reading);
    const state = this.#state();
    this.#samples += 1;
    for (const [job, watched] of this.#jobs) {
      watched.recorder.add(at, state);
      if (events.some(({ type }) => type === 'alert')) watched.recorder.alert(at);
      if (this.#samples % STORE_EVERY === 0) this.#store(job, watched);
    }
    for (const event of events) onEvent(event, this.#holder);
    const isWaiting = now() < this.#waitingUntil;
    if (isWaiting && this.#holder === null) for (const listener of this.#listeners) listener();
    if (this.#jobs.size === 0 && this.#holder === null && !isWaiting) this.#stop();
  }

  #state(): VramState {
    const reported = [...this.#jobs.values()].reduce((sum, job) => sum + job.reported, 0);
    return this.#guard.state(this.#options.now(), reported);
  }

  #store(job: string, { recorder }: Watched): void {
    if (!recorder.isEmpty) this.#options.store(job, recorder.series());
  }
}
