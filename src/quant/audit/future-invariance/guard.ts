/**
 * G1: replaces everything after a cut by another future and asks for the same bits before it. Features and universe at every warm-up row,
 * every fold edge and random rows; the whole pipeline at fold edges and random decisions.
 */
import { createRandom, deriveSeed } from '#quant/array/random';
import { firstCompleteRow } from '#quant/research/forecasts';
import { alteredFuture, type Alteration } from '../altered-future';
import { type Finding, figure } from '../guard';
import type { AuditContext, AuditSubject, Study, Trace } from '../study';
import { type Difference, featureDifference, stepDifference, universeDifference } from './differences';

export interface FutureOptions {
  /** Random cuts of features and universe. */
  readonly randomCuts: number;
  /** Cuts of the whole pipeline, half of them with another future and half with none. */
  readonly pipelineCuts: number;
  /** At most this many fold edges and warm-up rows, evenly spread; all of them unless told. */
  readonly mostEdges?: number;
  readonly seed: number;
}

/** Differences after which the search stops: the case is clear. */
const ENOUGH = 5;
/** Rows of other future where the whole rest would only cost time. */
const TAIL = 42;

interface Cut extends Alteration {
  readonly kind: 'warm-up' | 'fold edge' | 'random';
}

export async function checkFutureInvariance(
  { config, data, study: make }: AuditSubject,
  base: Trace,
  options: FutureOptions,
  context: AuditContext,
): Promise<Finding> {
  const study = make(config);
  const cuts = featureCuts(base, options);
  const pipelineCuts = wholeCuts(base, options);
  const of = cuts.length + pipelineCuts.length;
  const differences: Difference[] = [];
  if (!(await answersToPrices(study, base, data, options))) return deafFinding();
  let cells = 0;
  for (const [k, cut] of cuts.entries()) {
    if (differences.length >= ENOUGH) break;
    context.emit({ stage: 'future invariance', detail: `${cut.kind} ${base.dates[cut.lastKnown]}`, step: k, of });
    await context.breathe();
    const checked = await checkCheapLayers(study, base, data, cut);
    cells += checked.cells;
    if (checked.difference) differences.push(checked.difference);
  }
  let steps = 0;
  let stopped = 0;
  for (const [k, cut] of pipelineCuts.entries()) {
    if (differences.length >= ENOUGH) break;
    context.emit({
      stage: 'future invariance',
      detail: `whole run ${base.dates[cut.lastKnown]}`,
      step: cuts.length + k,
      of,
    });
    const other = await study.trace(alteredFuture(data, cut));
    // Where nothing follows the cut, another tranche may decide on it than in the run.
    const isBlended = config.backtest.tranches > 1 && cut.rowsAfter === 0;
    const compared = stepDifference(base, other, cut.lastKnown - (isBlended ? 1 : 0));
    steps += compared.steps;
    if (other.stopped !== null) stopped += 1;
    if (compared.difference) differences.push(compared.difference);
  }
  return findingOf({ cuts, pipelineCuts, cells, steps, stopped, differences });
}

async function checkCheapLayers(study: Study, base: Trace, data: AuditSubject['data'], cut: Cut) {
  const other = alteredFuture(data, cut);
  const table = await study.features(other);
  const seen = base.features && table ? featureDifference(base.features, table, cut.lastKnown) : null;
  if (seen?.difference) return seen;
  const firstRow = base.strategies[0].fills[0].decisionRow;
  const rows = decisionRows(base)
    .filter((row) => row <= cut.lastKnown && row >= firstRow)
    .slice(-3);
  return {
    cells: seen?.cells ?? 0,
    difference: universeDifference(study, { base: data, other }, rows, base, cut.lastKnown),
  };
}

/** Entirely other prices must give other features: what never changes was not computed from these data. */
async function answersToPrices(study: Study, base: Trace, data: AuditSubject['data'], { seed }: FutureOptions) {
  if (base.features === null) return true;
  const { features } = base;
  const other = await study.features(alteredFuture(data, { lastKnown: -1, seed: deriveSeed(seed, 'control') }));
  return other === null || featureDifference(features, other, features.dates.length - 1).difference !== null;
}

function deafFinding(): Finding {
  return {
    status: 'failed',
    summary: 'The features stay the same when every price changes: they come from another snapshot of the data.',
    figures: [],
    table: null,
    notes: [],
  };
}

function decisionRows(base: Trace): number[] {
  return base.strategies[0].fills.map(({ decisionRow }) => decisionRow);
}

function featureCuts(base: Trace, { randomCuts, mostEdges = Infinity, seed }: FutureOptions): Cut[] {
  const random = createRandom(deriveSeed(seed, 'cuts'));
  const rows = base.dates.length;
  const warmUp = base.features === null ? 0 : firstCompleteRow(base.features);
  const make = (kind: Cut['kind'], lastKnown: number, rowsAfter?: number): Cut => ({
    kind,
    lastKnown,
    seed: deriveSeed(seed, `${kind}/${lastKnown}`),
    ...(rowsAfter === undefined ? {} : { rowsAfter }),
  });
  const edges = new Set(
    base.folds.flatMap(({ train, test }) => [...train.map(([, last]) => last), ...test.map(([first]) => first)]),
  );
  return [
    ...spread(
      Array.from({ length: warmUp + 1 }, (_, row) => row),
      mostEdges,
    ).map((row) => make('warm-up', row, TAIL)),
    ...spread(
      [...edges].sort((a, b) => a - b),
      mostEdges,
    ).map((row) => make('fold edge', row, TAIL)),
    ...Array.from({ length: randomCuts }, () => make('random', random.integer(rows - 1))),
  ].filter(({ lastKnown }) => lastKnown < rows - 1);
}

/** Fold edges, evenly spread, alternately with another future and with none; the last ones are random decisions. */
function wholeCuts(base: Trace, { pipelineCuts, seed }: FutureOptions): Alteration[] {
  const random = createRandom(deriveSeed(seed, 'pipeline cuts'));
  const decisions = decisionRows(base);
  // The schedule wants two decisions before the last one.
  const possible = decisions.slice(2);
  if (possible.length === 0) return [];
  const atEdges = Math.max(1, Math.round(pipelineCuts / 2));
  const rows = [
    ...spread(possible, atEdges),
    ...Array.from({ length: pipelineCuts - atEdges }, () => possible[random.integer(possible.length)]),
  ];
  return rows.map((lastKnown, k) => ({
    lastKnown,
    seed: deriveSeed(seed, `whole/${k}`),
    ...(k % 2 === 0 ? {} : { rowsAfter: 0 }),
  }));
}

/** At most `most` of the values, evenly spread, first and last included. */
function spread<T>(values: readonly T[], most: number): T[] {
  if (values.length <= most) return [...values];
  if (most <= 1) return [values[values.length >> 1]];
  return Array.from({ length: most }, (_, k) => values[Math.round((k * (values.length - 1)) / (most - 1))]);
}

interface Checked {
  readonly cuts: readonly Cut[];
  readonly pipelineCuts: readonly Alteration[];
  readonly cells: number;
  readonly steps: number;
  readonly stopped: number;
  readonly differences: readonly Difference[];
}

function findingOf({ cuts, pipelineCuts, cells, steps, stopped, differences }: Checked): Finding {
  const count = (kind: Cut['kind']) => cuts.filter((cut) => cut.kind === kind).length;
  const notes = [
    'Features and universe were compared at every cut; fits, forecasts, optimizer inputs and weights at the cuts of the whole run.',
    'Asset names and sectors carry no date and are taken as known.',
  ];
  if (stopped > 0) {
    notes.push(`${stopped} of the other futures ended the run after their cut; what was decided before was compared.`);
  }
  const clean = differences.length === 0;
  return {
    status: clean ? 'passed' : 'failed',
    summary: clean
      ? `0 differing bits: ${cuts.length} cuts of features and universe, ${pipelineCuts.length} of the whole run.`
      : `${differences[0].what} on ${differences[0].date} changes when the days after ${differences[0].cut} change.`,
    figures: [
      figure('warm-up cuts', count('warm-up')),
      figure('fold-edge cuts', count('fold edge')),
      figure('random cuts', count('random')),
      figure('whole-run cuts', pipelineCuts.length),
      figure('feature cells compared', cells),
      figure('steps compared', steps),
      figure('differences', differences.length),
    ],
    table: clean
      ? null
      : {
          columns: ['cut', 'what', 'date', 'asset'],
          rows: differences.map(({ cut, what, date, asset }) => [cut, what, date, asset]),
        },
    notes,
  };
}
