/** Live validation over 30 trading days: what happened since against what the backtest led to expect. Says plainly when nothing was recorded. */
import { mean, standardDeviation } from '#quant/array/stats';
import { primaryOf, returnsOf, type Content, type Draft } from '../drafting';
import type { RunFacts } from '../facts';
import type { Block, Chart } from '../model';

const HORIZON = 30;
const TWO_SIDED_95 = 1.959963984540054;

interface Cone {
  readonly low: number[];
  readonly middle: number[];
  readonly high: number[];
}

/** Growth of 1 over 0 … `days` days under independent daily log returns like those of the backtest. */
export function expectedCone(equity: readonly number[], days: number): Cone {
  const logs = returnsOf(equity).map((r) => Math.log1p(r));
  const center = mean(logs);
  const deviation = standardDeviation(logs);
  const at = (z: number) =>
    Array.from({ length: days + 1 }, (_, h) => Math.exp(center * h + z * deviation * Math.sqrt(h)));
  return { low: at(-TWO_SIDED_95), middle: at(0), high: at(TWO_SIDED_95) };
}

export function liveReport(draft: Draft, facts: RunFacts): Content {
  const { say, numbers } = draft;
  const { live, run } = facts;
  const primary = facts.series.strategies.find(({ role }) => role === 'primary');
  const cone = expectedCone(primary?.equity ?? [], HORIZON);
  const base = { title: say('Live validation, 30 days'), subtitle: run.config.experiment.name, withSeries: false };
  const recorded = live === null ? [] : live.values.slice(-(HORIZON + 1));
  if (live === null || recorded.length < 2) {
    return {
      ...base,
      verdict: say('Nothing to validate yet: the workspace holds no live or paper record of this strategy.'),
      verdictTone: 'warn',
      sections: [
        {
          id: 'expectation',
          title: say('What to expect'),
          blocks: [
            {
              type: 'text',
              text: say(
                'Once a paper or live account is recorded day by day, its path is drawn into this cone and tested against it.',
              ),
            },
            ...coneBlocks(draft, facts, cone, null),
          ],
        },
      ],
    };
  }
  const growth = recorded.map((value) => value / recorded[0]);
  const days = growth.length - 1;
  const last = growth[days];
  const outside = growth.filter((value, h) => h > 0 && (value < cone.low[h] || value > cone.high[h])).length;
  const inside = last >= cone.low[days] && last <= cone.high[days];
  return {
    ...base,
    verdict: inside
      ? say(
          'After {n} days the account stands inside the 95 % cone ({growth}); nothing contradicts the backtest, and {n} days prove little.',
          {
            n: days,
            growth: numbers.signed(last - 1, 'percent'),
          },
        )
      : say('After {n} days the account stands outside the 95 % cone ({growth}): find out why before going on.', {
          n: days,
          growth: numbers.signed(last - 1, 'percent'),
        }),
    verdictTone: inside ? 'good' : 'bad',
    sections: [
      {
        id: 'validation',
        title: say('Recorded against expected'),
        blocks: [
          {
            type: 'headlines',
            items: [
              {
                label: say('Recorded return'),
                figure: draft.figure(last - 1, 'percent', 'month'),
                notes: [say('{n} trading days', { n: days }), live.source],
              },
              {
                label: say('Expected return'),
                figure: {
                  ...draft.figure(cone.middle[days] - 1, 'percent', 'cone'),
                  low: cone.low[days] - 1,
                  high: cone.high[days] - 1,
                },
                notes: [
                  `95 %: ${numbers.text(cone.low[days] - 1, 'percent')} … ${numbers.text(cone.high[days] - 1, 'percent')}`,
                ],
              },
              {
                label: say('Days outside'),
                figure: draft.figure(outside, 'integer', 'cone'),
                notes: [say('of {n}', { n: days })],
              },
            ],
          },
          ...coneBlocks(draft, facts, cone, growth),
        ],
      },
    ],
  };
}

function coneBlocks(draft: Draft, facts: RunFacts, cone: Cone, growth: readonly number[] | null): Block[] {
  const { say } = draft;
  const chart: Chart = {
    type: 'chart',
    id: 'cone',
    title: say('Growth of 1 over the next 30 trading days'),
    alternative: say('Median and 95 % band of the expected path; the recorded path where there is one.'),
    kind: 'line',
    x: cone.middle.map((_, h) => String(h)),
    series: [
      { name: say('expected'), color: 'benchmark', values: cone.middle },
      ...(growth === null
        ? []
        : [
            {
              name: say('recorded'),
              color: 'ours' as const,
              values: cone.middle.map((_, h) => growth[h] ?? null),
              emphasized: true,
            },
          ]),
    ],
    band: { low: cone.low, high: cone.high },
    unit: 'decimal',
  };
  const at = [5, 10, 20, HORIZON];
  return [
    chart,
    draft.table({
      id: 'cone_values',
      title: say('Expected return of {name}', { name: primaryOf(facts).name }),
      columns: [
        { title: say('Days'), unit: 'days' },
        { title: '2.5 %', unit: 'percent' },
        { title: say('Median'), unit: 'percent' },
        { title: '97.5 %', unit: 'percent' },
      ],
      rows: at.map((h) => [
        draft.figure(h, 'days', 'cone'),
        ...[cone.low[h], cone.middle[h], cone.high[h]].map((value) => draft.figure(value - 1, 'percent', 'cone')),
      ]),
    }),
  ];
}
