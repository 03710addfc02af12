/** Blocks about a run that several kinds share: headlines, results, charts, months, weights, checks, audit. */
import type { Chart, ChartSeries, Figure, Headline, Row, Table, Unit } from './model';
import { colorsOf, primaryOf, row, toneOf, type Draft } from './drafting';
import type { DerivationId } from './derivations';
import type { RunFacts } from './facts';
import type { NumberTexts } from './numbers';

/** A round share: 95 %, 2.5 %. */
export function levelText(numbers: NumberTexts, share: number): string {
  return `${numbers.text(Number((share * 100).toPrecision(6)), 'exact')} %`;
}

/** Sample, trials and convention, in small text beside every headline. */
export function sampleNotes({ say, numbers }: Draft, { run, series }: RunFacts): string[] {
  const trials = run.trials?.onDataset;
  return [
    say('n = {n} days', { n: numbers.text(series.dates.length, 'integer') }) +
      (trials === undefined ? '' : ` · ${say('{n} trials', { n: numbers.text(trials, 'integer') })}`),
  ];
}

/** What every figure of a run rests on, in one sentence. */
export function conventionText({ say, numbers }: Draft, { run, series }: RunFacts): string {
  const { costs } = run.config.backtest;
  return say(
    '{n} trading days, net of {bps} bps commission and {half} bps half spread on traded notional, annualized with 252 days, risk-free rate 0; ' +
      'intervals by stationary bootstrap ({replications} replications, {confidence}); {trials} trials on this dataset.',
    {
      n: numbers.text(series.dates.length, 'integer'),
      bps: numbers.text(costs.bps, 'exact'),
      half: numbers.text(costs.halfSpreadBps, 'exact'),
      replications: numbers.text(run.config.experiment.bootstrap.replications, 'integer'),
      confidence: levelText(numbers, run.config.experiment.bootstrap.confidence),
      trials: run.trials === null ? '–' : numbers.text(run.trials.onDataset, 'integer'),
    },
  );
}

export function headlines(draft: Draft, facts: RunFacts): Headline[] {
  const { say, numbers } = draft;
  const { run } = facts;
  const { metrics } = primaryOf(facts);
  const notes = sampleNotes(draft, facts);
  const level = levelText(numbers, run.config.experiment.bootstrap.confidence);
  const sharpe = draft.measure(metrics['sharpe'], 'decimal', 'sharpe');
  const psr = draft.measure(metrics['psr'], 'probability', 'psr');
  const deflated = draft.measure(run.trials?.deflatedSharpe ?? metrics['dsr'], 'probability', 'dsr');
  const baseline = run.strategies.find(({ role }) => role === 'baseline');
  const comparison = run.comparisons.find(
    ({ strategy, against }) => strategy === primaryOf(facts).name && against === baseline?.name,
  );
  const difference = draft.measure(comparison?.sharpeDifference, 'decimal', 'difference');
  const drawdown = primaryOf(facts).drawdowns[0];
  const cost = draft.measure(metrics['cost'], 'percent', 'cost');
  const interval = (figure: Figure) =>
    numbers.interval(figure) === '' ? [] : [`${level}: ${numbers.interval(figure)}`];
  return [
    {
      label: say('Sharpe ratio, net'),
      figure: sharpe,
      notes: [...interval(sharpe), `PSR ${numbers.figure(psr)} · DSR ${numbers.figure(deflated)}`, ...notes],
    },
    {
      label: say('Δ Sharpe vs {name}', { name: baseline?.name ?? say('equal weight') }),
      figure: difference,
      notes: [
        ...interval(difference),
        `p = ${numbers.figure(draft.figure(comparison?.pValue, 'probability', 'difference'))} · Ledoit–Wolf 2008`,
        comparison?.distinguishable === true ? say('distinguishable') : say('not distinguishable'),
      ],
    },
    {
      label: say('Return a year, net'),
      figure: draft.measure(metrics['cagr'], 'percent', 'cagr'),
      notes: [
        `${say('volatility')} ${numbers.figure(draft.measure(metrics['volatility'], 'percent', 'volatility'))}`,
        ...notes,
      ],
    },
    {
      label: say('Largest drawdown'),
      figure: draft.measure(metrics['max_drawdown'], 'percent', 'max_drawdown'),
      notes:
        drawdown === undefined
          ? notes
          : [
              say('{n} days under water', { n: numbers.text(drawdown.days, 'integer') }),
              `${drawdown.peak ?? '–'} → ${drawdown.recovery ?? say('not recovered')}`,
            ],
    },
    {
      label: say('Turnover a rebalance'),
      figure: draft.measure(metrics['turnover'], 'percent', 'turnover'),
      notes: [say('cost {cost} a year', { cost: numbers.figure(cost) }), say('one-way, ½ Σ|Δw|')],
    },
  ];
}

const RESULT_COLUMNS: readonly (readonly [string, string, Unit, DerivationId])[] = [
  ['cagr', 'Return a year', 'percent', 'cagr'],
  ['volatility', 'Volatility', 'percent', 'volatility'],
  ['sharpe', 'Sharpe', 'decimal', 'sharpe'],
  ['psr', 'PSR', 'probability', 'psr'],
  ['dsr', 'DSR', 'probability', 'dsr'],
  ['max_drawdown', 'Max drawdown', 'percent', 'max_drawdown'],
  ['turnover', 'Turnover', 'percent', 'turnover'],
  ['cost', 'Cost a year', 'percent', 'cost'],
];

export function resultTable(draft: Draft, { run }: RunFacts): Table {
  const { say } = draft;
  return draft.table({
    id: 'results',
    title: say('Results, net of costs'),
    columns: [{ title: say('Strategy') }, ...RESULT_COLUMNS.map(([, title, unit]) => ({ title: say(title), unit }))],
    rows: run.strategies.map(({ name, role, metrics }) =>
      row(
        [name, ...RESULT_COLUMNS.map(([id, , unit, derivation]) => draft.measure(metrics[id], unit, derivation))],
        toneOf(role),
      ),
    ),
    note: say('DSR of a row counts the strategies of this run; the headline counts every trial on the dataset.'),
  });
}

export function comparisonTable(draft: Draft, { run }: RunFacts): Table {
  const { say } = draft;
  return draft.table({
    id: 'comparisons',
    title: say('Is it distinguishable?'),
    columns: [
      { title: say('Strategy') },
      { title: say('Against') },
      { title: 'Δ Sharpe', unit: 'decimal' },
      { title: 'p', unit: 'probability' },
      { title: say('Verdict') },
    ],
    rows: run.comparisons.map((item) => [
      item.strategy,
      item.against,
      draft.measure(item.sharpeDifference, 'decimal', 'difference'),
      draft.figure(item.pValue, 'probability', 'difference', item.sharpeDifference.reason),
      item.distinguishable === null
        ? say('cannot be compared')
        : item.distinguishable
          ? (item.sharpeDifference.value ?? 0) > 0
            ? say('better')
            : say('worse')
          : say('not distinguishable'),
    ]),
    note: run.comparisons[0]?.method ?? '',
  });
}

type CurveField = 'equity' | 'drawdown' | 'rollingSharpe' | 'exposure';

export function curveChart(
  draft: Draft,
  { series }: RunFacts,
  chart: { id: string; title: string; field: CurveField; unit: Unit; only?: readonly string[]; logarithmic?: boolean },
): Chart {
  const colors = colorsOf(series.strategies);
  const lines = series.strategies.flatMap((strategy, i): ChartSeries[] =>
    chart.only !== undefined && !chart.only.includes(strategy.name)
      ? []
      : [
          {
            name: strategy.name,
            color: colors[i],
            values: strategy[chart.field],
            emphasized: strategy.role === 'primary',
          },
        ],
  );
  const ends = lines.map(({ name, values }) => {
    const last = values.findLast((value) => value !== null);
    return `${name} ${last === undefined || last === null ? '–' : draft.numbers.text(last, chart.unit)}`;
  });
  return {
    type: 'chart',
    id: chart.id,
    title: chart.title,
    alternative: `${chart.title}, ${series.dates[0] ?? ''} … ${series.dates.at(-1) ?? ''}. ${draft.say('Last values')}: ${ends.join(', ')}.`,
    kind: 'line',
    x: series.dates,
    series: lines,
    unit: chart.unit,
    ...(chart.logarithmic === true ? { logarithmic: true } : {}),
  };
}

/** Months as columns, years as rows, and the year's own return. */
export function monthTable(draft: Draft, { run }: RunFacts, strategy: string): Table {
  const { say, facts } = draft;
  const monthly = run.strategies.find(({ name }) => name === strategy)?.monthly ?? [];
  const byMonth = new Map(monthly.map((item) => [item.month, item.return]));
  const years = [...new Set(monthly.map(({ month }) => month.slice(0, 4)))];
  const names = Array.from({ length: 12 }, (_, i) =>
    new Intl.DateTimeFormat(facts.locale, { month: 'short', timeZone: 'UTC' }).format(Date.UTC(2024, i, 1)),
  );
  const heat = { kind: 'diverging', limit: 0.08 } as const;
  return draft.table({
    id: 'months',
    title: say('Monthly returns of {name}', { name: strategy }),
    columns: [
      { title: say('Year') },
      ...names.map((title) => ({ title, unit: 'percent' as const, scale: heat })),
      { title: say('Year'), unit: 'percent' },
    ],
    rows: years.map((year) => {
      const values = names.map((_, i) => byMonth.get(`${year}-${String(i + 1).padStart(2, '0')}`));
      const known = values.filter((value) => value !== undefined);
      const whole = known.reduce((growth, value) => growth * (1 + value), 1) - 1;
      return [
        year,
        ...values.map((value) => (value === undefined ? null : draft.figure(value, 'percent', 'month'))),
        draft.figure(whole, 'percent', 'month'),
      ];
    }),
  });
}

export function drawdownTable(draft: Draft, { run }: RunFacts, strategy: string): Table {
  const { say } = draft;
  const found = run.strategies.find(({ name }) => name === strategy)?.drawdowns ?? [];
  return draft.table({
    id: 'drawdowns',
    title: say('Deepest drawdowns of {name}', { name: strategy }),
    columns: [
      { title: say('Depth'), unit: 'percent', scale: { kind: 'bar', limit: Math.abs(found[0]?.depth ?? 1) } },
      { title: say('Peak') },
      { title: say('Trough') },
      { title: say('Recovery') },
      { title: say('Days'), unit: 'days' },
    ],
    rows: found.map(({ depth, peak, trough, recovery, days }) => [
      draft.figure(depth, 'percent', 'drawdown'),
      peak ?? '–',
      trough,
      recovery ?? say('not recovered'),
      draft.figure(days, 'days', 'drawdown'),
    ]),
  });
}

export function checkTable(draft: Draft, { portfolio }: RunFacts): Table {
  const { say } = draft;
  const checks = portfolio?.checks ?? [];
  return draft.table({
    id: 'checks',
    title: say('Constraints of the target weights'),
    columns: [
      { title: say('Constraint') },
      { title: say('Limit'), unit: 'exact' },
      { title: say('Value'), unit: 'exact' },
      { title: say('Head-room'), unit: 'exact' },
      { title: say('State') },
    ],
    rows: checks.map((check): Row =>
      row(
        [
          check.constraint,
          check.limit === null ? '–' : draft.figure(check.limit, 'exact', 'check'),
          draft.figure(check.value, 'exact', 'check'),
          check.slack === null ? '–' : draft.figure(check.slack, 'exact', 'check'),
          check.satisfied ? say('holds') : say('VIOLATED'),
        ],
        check.satisfied ? undefined : 'bad',
      ),
    ),
  });
}

/** One sentence about leakage: what the split check and the full audit found. */
export function leakageText({ say }: Draft, { run }: RunFacts): { text: string; tone: 'good' | 'bad' | 'warn' } {
  if (run.leakage === null) {
    return run.audit?.passed === false
      ? { text: say('Leak suspected: training and test overlap, or a fill on the bar of its decision.'), tone: 'bad' }
      : {
          text: say('Not audited: the split check passed, the eight guards were not run (sextant runs audit).'),
          tone: 'warn',
        };
  }
  const failed = run.leakage.guards.filter(({ status }) => status === 'failed').map(({ id }) => id);
  if (failed.length > 0)
    return { text: say('Leak suspected by {guards}.', { guards: failed.join(', ') }), tone: 'bad' };
  const warned = run.leakage.guards.filter(({ status }) => status === 'warning').map(({ id }) => id);
  return warned.length > 0
    ? { text: say('Audited, with warnings of {guards}.', { guards: warned.join(', ') }), tone: 'warn' }
    : { text: say('Audited: no guard found a leak.'), tone: 'good' };
}

export function guardTable(draft: Draft, { run }: RunFacts): Table | null {
  const { say } = draft;
  if (run.leakage === null) return null;
  return draft.table({
    id: 'guards',
    title: say('Leakage audit of {date}', { date: run.leakage.auditedAt.slice(0, 10) }),
    columns: [{ title: 'G' }, { title: say('Proves') }, { title: say('State') }, { title: say('Finding') }],
    rows: run.leakage.guards.map((guard) =>
      row([guard.id, guard.title, say(guard.status), guard.summary], guard.status === 'failed' ? 'bad' : undefined),
    ),
    derivation: 'guard',
  });
}
