/**
 * When to stop adding trees: the last training days are held out, days whose labels reach into them are purged, and rounds end once
 * the error there has not fallen for a while.
 */
import type { TreeKernel } from '../kernels/trees';
import type { TrainingSet } from '../models/model';
import { orderFreeSum } from './row-draws';

export interface TimeSplit {
  readonly learn: Uint32Array;
  /** Empty where nothing is held out. */
  readonly validate: Uint32Array;
}

/** Holds nothing out where rows are not dated, or too few (under `least`) would be left on either side. */
export function splitByTime({ y, timing }: TrainingSet, share: number, least: number): TimeSplit {
  const everything = { learn: Uint32Array.from(y.keys()), validate: new Uint32Array(0) };
  if (timing === undefined || share === 0) return everything;
  const { days, reach } = timing;
  const distinct = [...new Set(days)].sort((a, b) => a - b);
  const held = Math.round(share * distinct.length);
  if (held === 0 || held === distinct.length) return everything;
  const first = distinct[distinct.length - held];
  const validate = everything.learn.filter((row) => days[row] >= first);
  const learn = everything.learn.filter((row) => days[row] + reach < first);
  return learn.length < least || validate.length < least ? everything : { learn, validate };
}

export class EarlyStopping {
  readonly #kernel: TreeKernel;
  readonly #validate: Uint32Array;
  readonly #patience: number;
  readonly #losses: number[] = [];
  #best = Infinity;
  #bestRound = -1;
  #bestTrees: number | undefined;

  constructor(kernel: TreeKernel, validate: Uint32Array, patience: number) {
    this.#kernel = kernel;
    this.#validate = validate;
    this.#patience = patience;
  }

  /** Trees at the smallest error; undefined where nothing is held out. */
  get bestTrees(): number | undefined {
    return this.#bestTrees;
  }

  get losses(): readonly number[] {
    return this.#losses;
  }

  /** Notes the error of the kernel's predictions with so many trees; true when it is time to stop. */
  isOver(trees: number): boolean {
    if (this.#validate.length === 0) return false;
    const { prediction, target } = this.#kernel;
    const errors = Float64Array.from(this.#validate, (row) => (prediction[row] - target[row]) ** 2);
    const loss = orderFreeSum(errors) / errors.length;
    const round = this.#losses.push(loss) - 1;
    // The first tree is kept even where it does not help: a constant forecast ranks nothing.
    if (loss < this.#best) {
      this.#best = loss;
      this.#bestRound = round;
      this.#bestTrees = trees;
    }
    return round - this.#bestRound >= this.#patience;
  }
}
