/** One backtest on one time axis: equity, drawdown, rolling Sharpe, turnover, weights; zoom is shared, a rebalance opens its holdings. */
import { Button, SegmentedControl, Select } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import type { Run } from '#contract/runs';
import { shortName } from '#renderer/format';
import type { PlotRange } from '#renderer/plotly';
import { Card } from '#renderer/ui/card';
import { Page } from '#renderer/ui/page';
import { RemoteView } from '#renderer/ui/remote-view';
import { readRun, readSeries, readWeights, type RunSeries, useRuns, weightsKey } from '../runs/runs-store';
import { VerdictChip } from '../runs/verdict';
import { HoldingsPanel } from './holdings-panel';
import { MonthlyHeat } from './monthly-heat';
import { PathsChart } from './paths-chart';
import { StrategyToggles } from './strategy-toggles';
import { WeightsChart } from './weights-chart';

type Scale = 'log' | 'linear';
type WeightsView = 'sectors' | 'assets' | 'heat map';

/** Ours, the baseline and the benchmark are drawn at first; the others can be switched on. */
function firstShown(series: RunSeries): ReadonlySet<string> {
  return new Set(series.strategies.filter(({ role }) => role !== 'compare').map(({ name }) => name));
}

function useWeights(run: string, strategy: string, wanted: boolean) {
  useEffect(() => {
    if (wanted) void readWeights(run, strategy);
  }, [run, strategy, wanted]);
  return useRuns((state) => state.weights[weightsKey(run, strategy)]);
}

function Charts({ run, series }: { readonly run: Run; readonly series: RunSeries }) {
  const [shown, setShown] = useState(() => firstShown(series));
  const [scale, setScale] = useState<Scale>('log');
  const [range, setRange] = useState<PlotRange>(null);
  const [view, setView] = useState<WeightsView>('sectors');
  const holders = useMemo(() => series.strategies.filter(({ rebalances }) => rebalances.length > 0), [series]);
  const [focus, setFocus] = useState(() => (holders.find(({ role }) => role === 'primary') ?? holders[0])?.name ?? '');
  const [day, setDay] = useState<string | null>(null);
  const weights = useWeights(run.id, focus, focus !== '');
  const result = run.strategies.find(({ name }) => name === focus);
  const path = series.strategies.find(({ name }) => name === focus);
  return (
    <div className="backtest">
      <div className="stack grow">
        <Card
          label="Equity, drawdown, rolling Sharpe and turnover"
          head={<StrategyToggles strategies={series.strategies} shown={shown} setShown={setShown} />}
          actions={
            <>
              {range !== null && (
                <Button variant="subtle" onClick={() => setRange(null)}>
                  Whole period
                </Button>
              )}
              <SegmentedControl
                aria-label="Scale of equity"
                data={['log', 'linear'] satisfies Scale[]}
                value={scale}
                onChange={(value) => setScale(value === 'linear' ? 'linear' : 'log')}
              />
            </>
          }
        >
          <PathsChart
            series={series}
            shown={shown}
            scale={scale}
            focus={focus}
            range={range}
            onRange={setRange}
            onDay={setDay}
          />
        </Card>
        <Card
          label="Weights over time"
          head={
            <span className="row">
              <h2>Weights over time</h2>
              <Select
                aria-label="Strategy"
                w={190}
                data={holders.map(({ name }) => name)}
                value={focus}
                onChange={(name) => name !== null && setFocus(name)}
              />
            </span>
          }
          actions={
            <>
              <SegmentedControl
                aria-label="Weights by"
                data={['sectors', 'assets', 'heat map'] satisfies WeightsView[]}
                value={view}
                onChange={(value) => setView(value as WeightsView /* one of the three above */)}
              />
              <Button variant="default" onClick={() => setDay(path?.rebalances.at(-1)?.decided ?? null)}>
                Holdings
              </Button>
            </>
          }
        >
          <RemoteView remote={weights} what="the weights" lines={8}>
            {(value) => <WeightsChart weights={value} view={view} range={range} onRange={setRange} onDay={setDay} />}
          </RemoteView>
        </Card>
        {result !== undefined && <MonthlyHeat strategy={result} />}
      </div>
      {day !== null && path !== undefined && (
        <HoldingsPanel
          path={path}
          weights={weights?.value ?? null}
          day={day}
          setDay={setDay}
          close={() => setDay(null)}
        />
      )}
    </div>
  );
}

export function BacktestPage() {
  const { run: id } = useParams({ from: '/backtests/$run' });
  const run = useRuns((state) => state.shown[id]);
  const series = useRuns((state) => state.series[id]);
  useEffect(() => {
    void readRun(id);
    void readSeries(id);
  }, [id]);
  const headline = run?.value?.headline ?? null;
  return (
    <Page
      title={shortName(run?.value?.name ?? 'Backtest')}
      chip={headline !== null && <VerdictChip headline={headline} />}
      sentence={headline?.verdict}
      actions={
        <Button variant="default" renderRoot={(props) => <Link {...props} to="/research/$run" params={{ run: id }} />}>
          Run
        </Button>
      }
    >
      <RemoteView remote={run} what="the run" retry={() => void readRun(id)}>
        {(value) => (
          <RemoteView remote={series} what="the daily series" lines={12} retry={() => void readSeries(id)}>
            {(daily) => <Charts key={id} run={value} series={daily} />}
          </RemoteView>
        )}
      </RemoteView>
    </Page>
  );
}
