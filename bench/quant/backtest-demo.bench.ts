/** The demo experiment on the sample market, all strategies and statistics; the argument of the job is the preset. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { SECTORS } from '#quant/market/companies';
import { generateMarket } from '#quant/market/market';
import { MARKET_PRESETS } from '#quant/market/preset';
import type { Panel } from '#quant/panel';
import { researchConfigSchema } from '#quant/research/config';
import { runResearch } from '#quant/research/run-research';
import type { ResearchResult } from '#quant/research/result';
import { bench } from '../harness';

const { data: _, ...demo } = parse(readFileSync('configs/experiments/demo.yaml', 'utf8')); // YAML is checked by the schema
const config = researchConfigSchema.parse(demo);

for (const preset of MARKET_PRESETS) {
  if (preset === 'sp500' && process.env['SEXTANT_BENCH_LARGE'] === undefined) continue;
  const market = generateMarket(preset, 42);
  const { dates, companies, fields, index } = market;
  const n = companies.length;
  const membership = new Uint8Array(dates.length * n);
  for (const { ticker, start, end } of market.membership) {
    const i = companies.findIndex((company) => company.ticker === ticker);
    dates.forEach((day, t) => {
      if (day >= start && (end === null || day < end)) membership[t * n + i] = 1;
    });
  }
  const panel: Panel = {
    dates,
    assets: companies.map(({ ticker }) => ticker),
    sectors: companies.map(({ sector }) => SECTORS[sector].name),
    fields,
    membership,
  };
  const stages = new Map<string, number>();
  let result: ResearchResult | undefined;
  await bench({ job: `demo experiment on the ${preset} market`, rounds: 1, warmups: preset === 'small' ? 1 : 0 }, [
    {
      name: 'research pipeline',
      run: async () => {
        stages.clear();
        let stage = 'start';
        let since = performance.now();
        const emit = (progress: { stage: string; detail: string }) => {
          const name = `${progress.stage} ${progress.detail}`;
          if (name === stage) return;
          stages.set(stage, (stages.get(stage) ?? 0) + performance.now() - since);
          stage = name;
          since = performance.now();
        };
        result = await runResearch(
          config,
          panel,
          { name: 'INDEX', levels: index },
          { emit, breathe: () => Promise.resolve() },
        );
        emit({ stage: 'done', detail: '' });
      },
    },
  ]);
  console.log(Object.fromEntries([...stages].map(([name, ms]) => [name, Math.round(ms)])));
  console.log(result?.verdict, result?.dates[0], result?.dates.length, 'days', result?.folds.length, 'folds');
  for (const { name, metrics } of result?.strategies ?? []) {
    const show = (measure: string) => metrics[measure]?.value?.toFixed(3) ?? 'null';
    console.log(
      name.padEnd(22),
      ['sharpe', 'psr', 'dsr', 'cagr', 'volatility', 'max_drawdown', 'turnover', 'cost', 'holdings']
        .map((m) => `${m} ${show(m)}`)
        .join(' '),
    );
  }
  const ics = (result?.folds ?? [])
    .map(({ metrics }) => metrics['rank_ic'])
    .filter((ic) => ic !== null && ic !== undefined);
  console.log(
    'mean rank IC',
    ics.reduce((a, b) => a + b, 0) / ics.length,
    result?.warnings,
    `peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
  );
}
