/**
 * Models that look at the panel itself (windows of days, a graph of assets) instead of pooled rows. They are handed slices: rows that end
 * at the last training row, or at the decision. Nothing later is in their reach, and the guards check that it decides nothing.
 */
import type { Scaler } from '../learning/scaler';
import type { DeviceChoice, NetworkTrainer, TrainingRecipe } from '../nn/training';
import type { Network } from '../nn/network';

/** Consecutive rows of a panel; arrays are views of exactly these rows. */
export interface PanelSlice {
  readonly names: readonly string[];
  readonly assets: readonly string[];
  readonly sectors: readonly string[];
  /** ISO days, ascending; length R. */
  readonly dates: readonly string[];
  /** Per feature, [R, N] row-major; NaN = undefined. */
  readonly columns: readonly Float64Array[];
  /** [R, N] simple return of the day; NaN = unknown. */
  readonly returns: Float64Array;
}

export interface PanelTraining extends PanelSlice {
  /** [R, N] label of a decision at each row; NaN = unknown. Rows before `firstTrainRow` are history only. */
  readonly labels: Float64Array;
  readonly firstTrainRow: number;
  /** Rows from a decision to the end of its label: what a validation split is purged by. */
  readonly reach: number;
  /** Of features and label over the training rows. */
  readonly scaler: Scaler;
  readonly target: { readonly mean: number; readonly deviation: number };
}

/** What was learned in one fit: per seed, epoch by epoch. */
export interface TrainingReport {
  readonly device: string;
  readonly members: readonly {
    readonly seed: number;
    readonly bestEpoch: number;
    readonly epochs: readonly {
      readonly loss: number;
      readonly validationLoss: number | null;
      readonly validationIc: number | null;
    }[];
    readonly stopped: string | null;
  }[];
}

/** A network that was fitted: plain data, enough to forecast and to be sealed. */
export interface FittedNetwork {
  readonly features: readonly string[];
  readonly network: Network;
  readonly members: readonly Float32Array[];
  readonly scaler: Scaler;
  /** Least and largest training value per feature. */
  readonly range: { readonly minimum: readonly number[]; readonly maximum: readonly number[] };
  /** Forecast = shift + scale × mean answer. */
  readonly output: { readonly shift: number; readonly scale: number };
  readonly input: PanelInput;
  /** What forecasts run on. */
  readonly choice: DeviceChoice;
  readonly device: string;
  readonly validation: {
    readonly ic: number | null;
    readonly icDeviation: number | null;
    readonly loss: number | null;
  };
  /** Scaled inputs of a few rows and the answers to them. */
  readonly golden: {
    readonly inputs: Float32Array;
    readonly outputs: Float32Array;
    readonly graph?: { readonly rowStart: Uint32Array; readonly columns: Uint32Array };
  };
}

export type PanelInput =
  | { readonly kind: 'windows'; readonly lookback: number }
  | {
      readonly kind: 'graph';
      readonly window: number;
      readonly association: 'correlation' | 'distance-correlation';
      readonly filter: 'tmfg' | 'knn';
      readonly neighbors: number;
      readonly sectorEdges: boolean;
    };

/** Of one fit, for the memory plan and the estimate of time. */
export interface PanelWork {
  readonly kind: 'windows' | 'sequences' | 'graph';
  readonly network: Network;
  readonly recipe: TrainingRecipe;
  readonly members: number;
  readonly table: { readonly series: number; readonly days: number };
  /** Rows of an update, days per row, edges of a graph. */
  readonly largest: { readonly rows: number; readonly steps: number; readonly edges: number };
  /** Updates of one epoch. */
  readonly updates: number;
}

export interface PanelContext {
  readonly seed: number;
  /** Names the fit within its run. */
  readonly key: string;
  readonly title: string;
  readonly networks: NetworkTrainer;
  /** Lets waiting messages in; throws CANCELLED. */
  breathe(): Promise<void>;
  /** The fit before this one; for a warm start. */
  readonly previous?: FittedNetwork | undefined;
  /** A sealed model by name. Errors: NOT_FOUND. */
  pretrained(ref: string): Pick<FittedNetwork, 'features' | 'network' | 'members'>;
}

export interface PanelModel<Params = unknown> {
  readonly kind: 'panel';
  /** Rows, the decision included, on which a forecast needs features and returns. */
  history(params: Params): { readonly features: number; readonly returns: number };
  /** Errors: NOT_ENOUGH_DATA with the rows needed and found; what the trainer reports. */
  fit(
    data: PanelTraining,
    params: Params,
    context: PanelContext,
  ): Promise<{ readonly fitted: FittedNetwork; readonly report: TrainingReport; readonly rows: number }>;
  /** Length N, for a decision at the slice's last row; NaN = no forecast. Same units as the label. */
  forecast(fitted: FittedNetwork, slice: PanelSlice, networks: NetworkTrainer): Promise<Float64Array>;
  /** What a fit on `days` training days of `assets` assets will ask of the device. */
  work(params: Params, shape: { readonly assets: number; readonly days: number; readonly features: number }): PanelWork;
}

export function isPanelModel(model: object): model is PanelModel {
  return 'kind' in model && model.kind === 'panel';
}
