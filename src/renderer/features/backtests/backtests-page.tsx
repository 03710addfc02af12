/** Backtests: every finished run as a path through time. */
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { RunSummary } from '#contract/runs';
import { ago, decimal, instant, percent, plural, shortName } from '#renderer/format';
import { type Column, DataTable } from '#renderer/ui/data-table';
import { EmptyState } from '#renderer/ui/empty-state';
import { MeasureText } from '#renderer/ui/measure-text';
import { Page } from '#renderer/ui/page';
import { RemoteView } from '#renderer/ui/remote-view';
import { readRuns, useRuns } from '../runs/runs-store';
import { VerdictChip } from '../runs/verdict';

function columns(now: number): Column<RunSummary>[] {
  return [
    {
      id: 'name',
      title: 'Run',
      value: ({ name }) => name,
      clip: true,
      cell: ({ id, name }) => (
        <Link to="/backtests/$run" params={{ run: id }} title={name}>
          {shortName(name)}
        </Link>
      ),
    },
    {
      id: 'verdict',
      title: 'Against equal weight',
      width: 180,
      value: ({ headline }) => String(headline?.distinguishable ?? ''),
      cell: ({ headline }) => headline !== null && <VerdictChip headline={headline} />,
    },
    {
      id: 'cagr',
      title: 'Return / yr',
      right: true,
      width: 100,
      value: ({ headline }) => headline?.cagr ?? null,
      cell: ({ headline }) => percent(headline?.cagr, 1, true),
    },
    {
      id: 'drawdown',
      title: 'Max drawdown',
      right: true,
      width: 110,
      value: ({ headline }) => headline?.maxDrawdown ?? null,
      cell: ({ headline }) => percent(headline?.maxDrawdown),
    },
    {
      id: 'sharpe',
      title: 'Sharpe, net',
      right: true,
      width: 100,
      value: ({ headline }) => headline?.sharpe.value ?? null,
      cell: ({ headline }) => <MeasureText measure={headline?.sharpe} format={(value) => decimal(value)} />,
    },
    {
      id: 'dataset',
      title: 'Dataset',
      width: 120,
      clip: true,
      value: ({ dataset }) => `${dataset.name} v${dataset.version}`,
    },
    {
      id: 'finished',
      title: 'Finished',
      width: 110,
      value: ({ finishedAt }) => finishedAt,
      cell: ({ finishedAt }) => finishedAt !== null && <span title={instant(finishedAt)}>{ago(finishedAt, now)}</span>,
    },
  ];
}

export function BacktestsPage() {
  const list = useRuns((state) => state.list);
  const navigate = useNavigate();
  const table = useMemo(() => columns(Date.now()), []);
  const finished = useMemo(() => list.value?.filter(({ status }) => status === 'succeeded') ?? [], [list.value]);
  return (
    <Page title="Backtests" fill sentence={list.value === null ? undefined : plural(finished.length, 'finished run')}>
      <section className="card fill" style={{ overflow: 'hidden' }}>
        <RemoteView remote={list} what="the runs" lines={10} retry={() => void readRuns()}>
          {() =>
            finished.length === 0 ? (
              <EmptyState
                title="No finished run yet"
                text="A backtest is part of every run: equity, drawdown, turnover and weights on one time axis."
                actions={<Link to="/research/new">New run</Link>}
              />
            ) : (
              <DataTable
                label="Backtests"
                rows={finished}
                columns={table}
                rowId={({ id }) => id}
                open={({ id }) => void navigate({ to: '/backtests/$run', params: { run: id } })}
              />
            )
          }
        </RemoteView>
      </section>
    </Page>
  );
}
