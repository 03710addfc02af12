/**
 * The pieces of a research run with a witness beside them: every fit, forecast and optimization leaves a digest of what went in and
 * what came out. Scalers, labels, universe and account are seen through what they hand over.
 */
import { createRandom } from '../array/random';
import type { FeatureTable } from '../features/feature-table';
import type { Model } from '../models/model';
import { isPanelModel, type PanelModel } from '../models/panel-model';
import type { ResearchProgress } from '../research/context';
import type { ResearchPieces } from '../research/pieces';
import { BitDigest } from './bits';

/** A step without its row: that follows from the fold or decision that the pipeline was working on. */
export type Witnessed =
  | { readonly kind: 'fit'; readonly at: number; readonly digest: string; readonly rows: number }
  | { readonly kind: 'forecast'; readonly at: number; readonly digest: string; readonly assets: number }
  /** `offered`: what the optimizer was allowed to hold. */
  | { readonly kind: 'weights'; readonly at: number; readonly digest: string; readonly offered: readonly string[] };

/** What one model or one optimizer of the run did, in order. */
export interface Witness {
  readonly kind: 'optimizer' | 'model';
  readonly piece: string;
  readonly log: Witnessed[];
}

export interface Recording {
  readonly pieces: ResearchPieces;
  /** One per model and optimizer that was asked for, in order of asking; the log of one that was never used is empty. */
  readonly witnesses: readonly Witness[];
  /** The features that were computed, last choice first; empty where none were. */
  readonly features: FeatureTable[];
  /** Tells which fold or decision is next; the progress of the pipeline is the clock of its witness. */
  hear(progress: ResearchProgress): void;
}

export function recordingPieces(pieces: ResearchPieces, shuffleForecasts?: number): Recording {
  const witnesses: Witness[] = [];
  const features: FeatureTable[] = [];
  const clock = { step: 0 };
  const open = (kind: Witness['kind'], piece: string): Witness => {
    const witness: Witness = { kind, piece, log: [] };
    witnesses.push(witness);
    return witness;
  };
  const recorded: ResearchPieces = {
    optimizer(id, params) {
      const bound = pieces.optimizer(id, params);
      const { log } = open('optimizer', id);
      return {
        spec: bound.spec,
        optimize(input) {
          const answer = bound.optimize(input);
          log.push({
            kind: 'weights',
            at: clock.step,
            digest: new BitDigest().add(input).add(answer.weights).hex(),
            offered: input.assets,
          });
          return answer;
        },
      };
    },
    async model(id) {
      const { spec, model } = await pieces.model(id);
      const witness = open('model', id);
      return {
        spec,
        model: isPanelModel(model)
          ? recordingPanelModel(model, witness, clock, shuffleForecasts)
          : recordingModel(model, witness, clock, shuffleForecasts),
      };
    },
    async features(choice, panel, progress) {
      const selected = await pieces.features(choice, panel, progress);
      features.unshift(selected.table);
      return selected;
    },
  };
  return { pieces: recorded, witnesses, features, hear: ({ step }) => void (clock.step = step) };
}

function recordingModel(
  model: Model,
  { log }: Witness,
  clock: { readonly step: number },
  shuffle: number | undefined,
): Model {
  const random = shuffle === undefined ? undefined : createRandom(shuffle);
  const { fitMoments } = model;
  return {
    fit(data, params, context) {
      const fitted = model.fit(data, params, context);
      const digest = new BitDigest().add(data.X).add(data.y).add(fitted).hex();
      log.push({ kind: 'fit', at: clock.step, digest, rows: data.y.length });
      return fitted;
    },
    ...(fitMoments && {
      fitMoments(moments, names, params, context) {
        const fitted = fitMoments(moments, names, params, context);
        const digest = new BitDigest().add(moments).add(fitted).hex();
        log.push({ kind: 'fit', at: clock.step, digest, rows: moments.rows });
        return fitted;
      },
    }),
    forecast(fitted, X) {
      const values = model.forecast(fitted, X);
      const digest = new BitDigest().add(X).add(values).hex();
      log.push({ kind: 'forecast', at: clock.step, digest, assets: values.length });
      return random ? random.shuffle(values.slice()) : values;
    },
  };
}

/** The same for models that look at the panel: digests of the slices that they were handed. */
function recordingPanelModel(
  model: PanelModel,
  { log }: Witness,
  clock: { readonly step: number },
  shuffle: number | undefined,
): PanelModel {
  const random = shuffle === undefined ? undefined : createRandom(shuffle);
  return {
    ...model,
    async fit(data, params, context) {
      const at = clock.step;
      const result = await model.fit(data, params, context);
      const { members, output } = result.fitted;
      const digest = new BitDigest().add(data).add(members).add(output).hex();
      log.push({ kind: 'fit', at, digest, rows: result.rows });
      return result;
    },
    async forecast(fitted, slice, networks) {
      const at = clock.step;
      const values = await model.forecast(fitted, slice, networks);
      const digest = new BitDigest().add(slice).add(values).hex();
      log.push({ kind: 'forecast', at, digest, assets: values.length });
      return random ? random.shuffle(values.slice()) : values;
    },
  };
}
