/** Strategy comparison: what differs, who is distinguishable from whom, and the curves on one axis. */
import { curveChart, conventionText, resultTable } from '../run-blocks';
import { row, toneOf, type Content, type Draft } from '../drafting';
import type { RunFacts } from '../facts';
import type { Cell, Table } from '../model';
import { allPairs, type Pair } from '../pairs';

const LEVEL = 0.05;

export function comparisonReport(draft: Draft, facts: RunFacts): Content {
  const { say } = draft;
  const pairs = allPairs(facts.series);
  const significant = pairs.filter(({ adjusted }) => adjusted !== null && adjusted < LEVEL);
  const tested = pairs.filter(({ p }) => p !== null);
  const numbers = { found: significant.length, tested: tested.length };
  return {
    title: say('Strategy comparison'),
    subtitle: facts.run.config.experiment.name,
    verdict:
      significant.length === 0
        ? say("None of {tested} pairs of strategies is distinguishable at 5 % after Holm's correction.", numbers)
        : say("{found} of {tested} pairs of strategies are distinguishable at 5 % after Holm's correction.", numbers),
    verdictTone: significant.length === 0 ? 'quiet' : 'good',
    withSeries: true,
    sections: [
      {
        id: 'results',
        title: say('Results'),
        blocks: [resultTable(draft, facts), { type: 'text', text: conventionText(draft, facts), tone: 'quiet' }],
      },
      {
        id: 'significance',
        title: say('Significance'),
        blocks: [matrixTable(draft, facts, pairs), pairTable(draft, facts, pairs)],
      },
      {
        id: 'curves',
        title: say('Curves'),
        blocks: [
          curveChart(draft, facts, {
            id: 'equity',
            title: say('Growth of 1, net of costs'),
            field: 'equity',
            unit: 'decimal',
            logarithmic: true,
          }),
          curveChart(draft, facts, { id: 'drawdown', title: say('Drawdown'), field: 'drawdown', unit: 'percent' }),
        ],
      },
      { id: 'strategies', title: say('Strategies'), blocks: [strategyTable(draft, facts)] },
    ],
  };
}

/** Row minus column: the difference above, the corrected p below the diagonal. */
function matrixTable(draft: Draft, { series }: RunFacts, pairs: readonly Pair[]): Table {
  const { say } = draft;
  const { strategies } = series;
  const largest = Math.max(...pairs.map(({ difference }) => Math.abs(difference ?? 0)), 1e-12);
  const cell = (i: number, j: number): Cell => {
    if (i === j) return '·';
    const pair = pairs.find(({ a, b }) => a === Math.min(i, j) && b === Math.max(i, j));
    if (pair === undefined) return null;
    return i < j
      ? draft.figure(pair.difference, 'decimal', 'pairwise', pair.reason)
      : draft.figure(pair.adjusted, 'probability', 'pairwise', pair.reason);
  };
  return draft.table({
    id: 'matrix',
    title: say('Significance matrix'),
    columns: [
      { title: say('Strategy') },
      ...strategies.map((_, j) => ({
        title: String(j + 1),
        unit: 'decimal' as const,
        ...(j === 0 ? {} : { scale: { kind: 'diverging' as const, limit: largest } }),
      })),
    ],
    rows: strategies.map(({ name, role }, i) =>
      row([`${i + 1} ${name}`, ...strategies.map((_, j) => cell(i, j))], toneOf(role)),
    ),
    note: say(
      "Above the diagonal: Sharpe ratio of the row minus that of the column, a year. Below: p after Holm's correction; below 0.05 the two are distinguishable.",
    ),
  });
}

function pairTable(draft: Draft, { series }: RunFacts, pairs: readonly Pair[]): Table {
  const { say } = draft;
  const ordered = [...pairs].sort((x, y) => (x.p ?? 2) - (y.p ?? 2));
  return draft.table({
    id: 'pairs',
    title: say('Pairs, the clearest first'),
    columns: [
      { title: say('Strategy') },
      { title: say('Against') },
      { title: 'Δ Sharpe', unit: 'decimal' },
      { title: say('Standard error'), unit: 'decimal' },
      { title: 'p', unit: 'probability' },
      { title: 'p (Holm)', unit: 'probability' },
      { title: say('Verdict') },
    ],
    rows: ordered.map((pair) =>
      row(
        [
          series.strategies[pair.a].name,
          series.strategies[pair.b].name,
          draft.figure(pair.difference, 'decimal', 'pairwise', pair.reason),
          draft.figure(pair.standardError, 'decimal', 'pairwise', pair.reason),
          draft.figure(pair.p, 'probability', 'pairwise', pair.reason),
          draft.figure(pair.adjusted, 'probability', 'pairwise', pair.reason),
          pair.adjusted === null
            ? say('cannot be compared')
            : pair.adjusted < LEVEL
              ? say('distinguishable')
              : say('not distinguishable'),
        ],
        pair.adjusted !== null && pair.adjusted < LEVEL ? 'primary' : undefined,
      ),
    ),
  });
}

function strategyTable(draft: Draft, { run }: RunFacts): Table {
  const { say } = draft;
  return draft.table({
    id: 'strategies',
    title: say('What was compared'),
    columns: [{ title: say('Strategy') }, { title: say('Role') }, { title: say('What it does') }],
    rows: run.strategies.map(({ name, role, summary }) => row([name, say(role), summary], toneOf(role))),
  });
}
