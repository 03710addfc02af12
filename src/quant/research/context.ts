/** How a research run touches the world: progress out, cancellation in. A job context of a worker fits as it is. */

export interface ResearchProgress {
  readonly stage: string;
  /** Which strategy or model; '' where it is about all of them. */
  readonly detail: string;
  readonly step: number;
  readonly of: number;
}

export interface ResearchContext {
  emit(progress: ResearchProgress): void;
  readonly signal?: AbortSignal;
  /** Lets waiting messages in; throws CANCELLED once the signal has fired. */
  breathe(): Promise<void>;
  /** Says that the work loop is alive, inside a stretch that cannot wait. */
  heartbeat?(): void;
}
