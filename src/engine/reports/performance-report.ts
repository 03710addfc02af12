/**
 * The performance report: one self-contained HTML file without script or network, verdict first,
 * every headline with its interval, sample, trials and convention. The same run gives the same bytes.
 */
import type { z } from 'zod';
import type { Measure } from '#contract/fields';
import type { Portfolio } from '#contract/portfolios';
import type { Run, runs } from '#contract/runs';
import { escapeText, lineChart, type ChartSeries } from './line-chart';
import { REPORT_STYLE } from './report-style';

export type RunSeries = z.infer<NonNullable<(typeof runs.series)['~orpc']['outputSchema']>>;

const ROLE_COLORS = { primary: '#1F5FBF', baseline: '#8A6D1B', benchmark: '#6B6E74' } as const;
const COMPARE_COLORS = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00', '#999999'];

/** The measures of the result table: name in the run, heading, how it is written. */
const TABLE_MEASURES = [
  ['cagr', 'Return / yr', percent],
  ['volatility', 'Volatility', percent],
  ['sharpe', 'Sharpe', decimals],
  ['psr', 'PSR', decimals],
  ['max_drawdown', 'Max drawdown', percent],
  ['sortino', 'Sortino', decimals],
  ['turnover', 'Turnover / rebalance', percent],
  ['cost', 'Cost / yr', percent],
] as const;

function percent(value: number): string {
  return `${value < 0 ? '−' : ''}${Math.abs(value * 100).toFixed(1)} %`;
}

function decimals(value: number): string {
  return `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(2)}`;
}

/** A measure with its interval, or the reason why there is none. */
function written(measure: Measure | undefined, format: (value: number) => string): string {
  if (measure === undefined) return '<td class="none">–</td>';
  if (measure.value === null) return `<td class="none" title="${escapeText(measure.reason ?? '')}">not computable</td>`;
  const interval =
    measure.low === undefined || measure.high === undefined
      ? ''
      : `<small>${format(measure.low)} … ${format(measure.high)}</small>`;
  return `<td>${format(measure.value)}${interval}</td>`;
}

function resultTable(run: Run): string {
  const head = TABLE_MEASURES.map(([, title]) => `<th>${title}</th>`).join('');
  const rows = run.strategies.map((strategy) => {
    const cells = TABLE_MEASURES.map(([name, , format]) => written(strategy.metrics[name], format)).join('');
    return `<tr class="${strategy.role}"><th>${escapeText(strategy.name)}<small>${strategy.role}</small></th>${cells}</tr>`;
  });
  return `<table><thead><tr><th>Strategy</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function comparisonTable(run: Run): string {
  const rows = run.comparisons.map(
    (item) =>
      `<tr><th>${escapeText(item.strategy)}</th><td class="text">${escapeText(item.against)}</td>${written(item.sharpeDifference, decimals)}<td>${item.pValue === null ? '–' : item.pValue.toFixed(3)}</td><td class="text">${escapeText(item.method)}</td><td class="text">${escapeText(item.verdict)}</td></tr>`,
  );
  return `<table><thead><tr><th>Strategy</th><th class="text">Against</th><th>Δ Sharpe</th><th>p</th><th class="text">Test</th><th class="text">Verdict</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function monthlyTable(run: Run): string {
  const primary = run.strategies.find((strategy) => strategy.role === 'primary');
  if (primary === undefined) return '';
  const years = [...new Set(primary.monthly.map(({ month }) => month.slice(0, 4)))];
  const byMonth = new Map(primary.monthly.map((item) => [item.month, item.return]));
  const names = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const rows = years.map((year) => {
    const cells = names.map((_, i) => {
      const value = byMonth.get(`${year}-${String(i + 1).padStart(2, '0')}`);
      if (value === undefined) return '<td class="none"></td>';
      const strength = Math.min(1, Math.abs(value) / 0.08);
      const color =
        value >= 0
          ? `rgba(0,114,178,${(strength * 0.55).toFixed(2)})`
          : `rgba(213,94,0,${(strength * 0.55).toFixed(2)})`;
      return `<td style="background:${color}">${(value * 100).toFixed(1).replace('-', '−')}</td>`;
    });
    return `<tr><th>${year}</th>${cells.join('')}</tr>`;
  });
  return `<table class="months"><thead><tr><th>Year</th>${names.map((name) => `<th>${name}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function portfolioTable(portfolio: Portfolio): string {
  const held = portfolio.weights.filter(({ weight }) => weight !== 0).sort((a, b) => b.weight - a.weight);
  const rows = held.map(
    (item) =>
      `<tr><th>${escapeText(item.asset)}</th><td class="text">${escapeText(item.sector)}</td><td>${percent(item.weight)}</td><td>${item.forecast === null ? '–' : percent(item.forecast)}</td></tr>`,
  );
  const checks = portfolio.checks.map(
    (check) =>
      `<tr><th>${escapeText(check.constraint)}</th><td>${check.limit === null ? '–' : check.limit.toFixed(4)}</td><td>${check.value.toFixed(4)}</td><td class="text">${check.satisfied ? 'holds' : 'VIOLATED'}</td></tr>`,
  );
  return `<p>Decided on the close of ${portfolio.decidedOn}, to be filled on ${portfolio.fillOn}. Cash ${percent(portfolio.cash)}.</p>
<div class="pair"><table><thead><tr><th>Asset</th><th class="text">Sector</th><th>Weight</th><th>Forecast</th></tr></thead><tbody>${rows.join('')}</tbody></table>
<table><thead><tr><th>Constraint</th><th>Limit</th><th>Value</th><th class="text">State</th></tr></thead><tbody>${checks.join('')}</tbody></table></div>`;
}

function chartSeries(series: RunSeries, field: 'equity' | 'drawdown'): ChartSeries[] {
  let next = 0;
  return series.strategies.map((strategy) => ({
    name: strategy.name,
    color: strategy.role === 'compare' ? COMPARE_COLORS[next++ % COMPARE_COLORS.length] : ROLE_COLORS[strategy.role],
    values: strategy[field],
    emphasized: strategy.role === 'primary',
  }));
}

function provenanceTable(run: Run): string {
  const { timings, ...facts } = run.provenance;
  const entries = [...Object.entries(facts), ['total time (ms)', timings['total'] ?? null] as const];
  return `<table class="facts"><tbody>${entries.map(([name, value]) => `<tr><th>${escapeText(name)}</th><td class="text"><code>${escapeText(String(value ?? '–'))}</code></td></tr>`).join('')}</tbody></table>`;
}

export interface PerformanceReportInput {
  readonly run: Run;
  readonly series: RunSeries;
  readonly portfolio: Portfolio | null;
}

/** Renders the report as one HTML document. */
export function performanceReport({ run, series, portfolio }: PerformanceReportInput): string {
  const verdict = run.headline?.verdict ?? '';
  const costs = run.config.backtest.costs;
  const convention = `${series.dates.length} trading days, net of ${costs.bps} bps and a half spread of ${costs.halfSpreadBps} bps per traded notional, annualized with 252 days, risk-free rate 0, intervals by stationary bootstrap (${run.config.experiment.bootstrap.replications} replications). ${run.trials === null ? '' : `${run.trials.onDataset} trials on this dataset.`}`;
  const warnings =
    run.warnings.length === 0
      ? ''
      : `<ul class="warnings">${run.warnings.map((text) => `<li>${escapeText(text)}</li>`).join('')}</ul>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeText(run.name)}</title><style>${REPORT_STYLE}</style></head><body>
<header><h1>${escapeText(run.config.experiment.name)}</h1><p class="id">${escapeText(run.name)} · dataset ${escapeText(run.dataset.name)} v${run.dataset.version} · ${run.provenance.datasetHash.slice(0, 12)}</p></header>
<p class="verdict">${escapeText(verdict)}</p><p class="note">${escapeText(convention)}</p>${warnings}
<h2>Results</h2>${resultTable(run)}
<h2>Equity, net of costs</h2>${lineChart({ dates: series.dates, series: chartSeries(series, 'equity'), height: 320, label: 'Equity net of costs, logarithmic', logarithmic: true, format: (value) => value.toFixed(value >= 1000 ? 0 : 2) })}
<h2>Drawdown</h2>${lineChart({ dates: series.dates, series: chartSeries(series, 'drawdown'), height: 220, label: 'Drawdown', format: percent })}
<h2>Is it distinguishable?</h2>${comparisonTable(run)}
<h2>Monthly returns of the primary strategy, %</h2>${monthlyTable(run)}
${portfolio === null ? '' : `<h2>Weights for the next rebalance</h2>${portfolioTable(portfolio)}`}
<h2>Provenance</h2>${provenanceTable(run)}
</body></html>
`;
}
