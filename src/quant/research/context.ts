/** How a research run touches the world: progress out, cancellation in. A job context of a worker fits as it is. */
import type { FittedNetwork } from '../models/panel-model';
import type { NetworkTrainer } from '../nn/training';
import type { ResumeStore } from './resume';

export interface ResearchProgress {
  readonly stage: string;
  /** Which strategy or model; '' where it is about all of them. */
  readonly detail: string;
  readonly step: number;
  readonly of: number;
}

/** The newest fit of a network with what decides how it may be used. */
export interface KeptNetwork {
  readonly model: string;
  readonly strategy: string;
  readonly fitted: FittedNetwork;
  readonly features: { readonly transform: 'rank' | 'zscore' | 'none'; readonly winsorize: number };
  readonly horizon: number;
  readonly lag: number;
  /** How often the run fitted it anew. */
  readonly refit: 'month' | 'quarter' | 'year';
  /** Days: first and last of the training rows, and of the fit. */
  readonly trained: { readonly from: string; readonly to: string; readonly cutoff: string; readonly rows: number };
}

export interface ResearchContext {
  emit(progress: ResearchProgress): void;
  readonly signal?: AbortSignal;
  /** Lets waiting messages in; throws CANCELLED once the signal has fired. */
  breathe(): Promise<void>;
  /** Says that the work loop is alive, inside a stretch that cannot wait. */
  heartbeat?(): void;
  /** Trains networks; absent where nothing can. */
  readonly networks?: NetworkTrainer;
  /** Where finished folds and half-trained networks are kept. */
  readonly resume?: ResumeStore;
  /** Gets the last fit of every network, to be sealed. */
  keepFitted?(kept: KeptNetwork): void;
  /** Sealed models that the configuration names. */
  pretrained?(ref: string): Pick<FittedNetwork, 'features' | 'network' | 'members'> | undefined;
}
