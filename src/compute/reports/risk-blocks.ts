/** Blocks of the risk of one strategy: tails and their back-tests, contributions, stress, who made the drawdowns. */
import type { ContributionRow, RiskReport } from '#quant/risk/report-types';
import type { Draft } from './drafting';
import type { RunFacts } from './facts';
import { levelText } from './run-blocks';
import type { Block, Chart, Figure, Table } from './model';

const SHOWN_ASSETS = 40;

/** The report itself, or a block that says why there is none. */
export function riskBlocks(
  draft: Draft,
  { risk }: RunFacts,
  make: (risk: RiskReport) => readonly (Block | null)[],
): Block[] {
  const { say } = draft;
  if (risk === null || typeof risk === 'string') {
    return [
      {
        type: 'text',
        text: say('Risk was not computed: {reason}', { reason: risk ?? say('Not stored.') }),
        tone: 'warn',
      },
    ];
  }
  return make(risk).filter((block) => block !== null);
}

export function tailTable(draft: Draft, risk: RiskReport): Table {
  const { say } = draft;
  return draft.table({
    id: 'tails',
    title: say('Value at risk and expected shortfall, one day'),
    columns: [
      { title: say('Model') },
      { title: say('Level') },
      { title: say('VaR, strategy'), unit: 'fine' },
      { title: say('ES, strategy'), unit: 'fine' },
      { title: say('VaR, holdings'), unit: 'fine' },
      { title: say('ES, holdings'), unit: 'fine' },
    ],
    rows: risk.tails.map((tail) => [
      tail.title,
      levelText(draft.numbers, tail.level),
      ...[tail.strategyVar, tail.strategyShortfall, tail.portfolioVar, tail.portfolioShortfall].map((value) =>
        draft.figure(value, 'fine', 'tail', tail.reason ?? undefined),
      ),
    ]),
  });
}

export function coverageTable(draft: Draft, risk: RiskReport): Table | null {
  const { say } = draft;
  if (risk.coverage.length === 0) return null;
  return draft.table({
    id: 'coverage',
    title: say('Did the risk models keep their promise?'),
    columns: [
      { title: say('Model') },
      { title: say('Days'), unit: 'integer' },
      { title: say('Losses beyond'), unit: 'integer' },
      { title: say('Promised'), unit: 'decimal' },
      { title: say('p coverage'), unit: 'probability' },
      { title: say('p independence'), unit: 'probability' },
      { title: say('Verdict') },
    ],
    rows: risk.coverage.map((item) => [
      item.model,
      draft.figure(item.days, 'integer', 'tail'),
      draft.figure(item.exceptions, 'integer', 'tail'),
      draft.figure(item.expected, 'decimal', 'tail'),
      draft.figure(item.coverageP, 'probability', 'tail'),
      draft.figure(item.independenceP, 'probability', 'tail'),
      item.verdict,
    ]),
  });
}

function partsOf(draft: Draft, part: Omit<ContributionRow, 'name'>): Figure[] {
  const daily = [part.volatility, part.valueAtRisk, part.shortfall];
  return [
    draft.figure(part.weight, 'percent', 'contribution'),
    ...daily.map((value) => draft.figure(value, 'fine', 'contribution')),
  ];
}

export function contributionTable(draft: Draft, risk: RiskReport, by: 'assets' | 'sectors'): Table | null {
  const { say } = draft;
  if (risk.portfolio === null) return null;
  const { total, [by]: parts } = risk.portfolio;
  const shown = parts.slice(0, SHOWN_ASSETS);
  const limit = Math.max(...shown.map(({ shortfall }) => Math.abs(shortfall)), 1e-12);
  return draft.table({
    id: `contributions_${by}`,
    title: by === 'assets' ? say('Risk by asset') : say('Risk by sector'),
    columns: [
      { title: by === 'assets' ? say('Asset') : say('Sector') },
      { title: say('Weight'), unit: 'percent' },
      { title: say('Volatility a day'), unit: 'fine' },
      { title: say('VaR 95 %'), unit: 'fine' },
      { title: say('ES 95 %'), unit: 'fine', scale: { kind: 'bar', limit } },
    ],
    rows: [
      ...shown.map((item) => [item.name === '' ? say('unknown') : item.name, ...partsOf(draft, item)]),
      {
        cells: [say('Total'), ...partsOf(draft, total)],
        tone: 'primary' as const,
      },
    ],
    ...(parts.length > shown.length
      ? { note: say('The {n} largest of {all}; the total counts all.', { n: shown.length, all: parts.length }) }
      : {}),
  });
}

export function stressTable(draft: Draft, risk: RiskReport): Table {
  const { say } = draft;
  const limit = Math.max(...risk.stress.map((item) => Math.abs(item.return)), 1e-12);
  return draft.table({
    id: 'stress',
    title: say('The present weights in past declines'),
    columns: [
      { title: say('Window') },
      { title: say('From') },
      { title: say('To') },
      { title: say('Return'), unit: 'percent', scale: { kind: 'bar', limit } },
      { title: say('Worst on the way'), unit: 'percent' },
      { title: say('Benchmark'), unit: 'percent' },
      { title: say('Covered'), unit: 'percent' },
    ],
    rows: risk.stress.map((item) => [
      item.title,
      item.from,
      item.to,
      draft.figure(item.return, 'percent', 'stress'),
      draft.figure(item.worst, 'percent', 'stress'),
      draft.figure(item.benchmark, 'percent', 'stress', say('There is no benchmark.')),
      draft.figure(item.covered, 'percent', 'stress'),
    ]),
    ...(risk.skipped.length === 0
      ? {}
      : {
          note: say('Left out: {windows}.', {
            windows: risk.skipped.map(({ title, reason }) => `${title} (${reason})`).join('; '),
          }),
        }),
  });
}

export function anatomyTable(draft: Draft, risk: RiskReport): Table | null {
  const { say, numbers } = draft;
  if (risk.drawdowns.length === 0) return null;
  return draft.table({
    id: 'anatomy',
    title: say('Who made the drawdowns'),
    columns: [
      { title: say('From') },
      { title: say('To') },
      { title: say('Depth'), unit: 'percent' },
      { title: say('Largest parts') },
    ],
    rows: risk.drawdowns.map((item) => [
      item.peak,
      item.trough,
      draft.figure(item.depth, 'percent', 'drawdown'),
      item.assets
        .slice(0, 5)
        .map(({ name, contribution }) => `${name} ${numbers.signed(contribution, 'percent')}`)
        .join(', '),
    ]),
  });
}

export function sectorChart(draft: Draft, risk: RiskReport): Chart | null {
  const { say } = draft;
  const { dates, sectors } = risk.exposures;
  if (dates.length < 2) return null;
  return {
    type: 'chart',
    id: 'sectors',
    title: say('Weights by sector over time'),
    alternative: say('Target weight of every sector at each rebalance.'),
    kind: 'line',
    x: dates,
    series: sectors.map(({ name, weights }, i) => ({
      name: name === '' ? say('unknown') : name,
      color: i,
      values: weights,
    })),
    unit: 'percent',
  };
}
