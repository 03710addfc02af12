/** All runs: filter, sort, open, select some and compare them. */
import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { RunSummary } from '#contract/runs';
import { ago, decimal, instant, integer, percent, plural, probability, shortName, words } from '#renderer/format';
import { StatusChip } from '#renderer/ui/chip';
import { type Column, DataTable } from '#renderer/ui/data-table';
import { EmptyState } from '#renderer/ui/empty-state';
import { MeasureText } from '#renderer/ui/measure-text';
import { Page } from '#renderer/ui/page';
import { shareOf } from '#renderer/ui/progress-line';
import { RemoteView } from '#renderer/ui/remote-view';
import { useJobs } from '../jobs/jobs-store';
import { readRuns, useRuns } from './runs-store';
import { VerdictChip } from './verdict';

const MOST_COMPARED = 20;
const STATUSES = ['succeeded', 'running', 'queued', 'failed', 'cancelled', 'interrupted'];

function RunState({ run }: { readonly run: RunSummary }) {
  const followed = useJobs((state) => state.followed[run.job]);
  if (run.status !== 'running') return <StatusChip status={run.status} />;
  const progress = followed?.progress ?? run.progress;
  return (
    <span className="row" title={progress === null ? undefined : words(progress.stage)}>
      <StatusChip status="running" />
      <span className="meter">
        <i style={{ width: `${shareOf(progress) * 100}%` }} />
      </span>
    </span>
  );
}

function runColumns(now: number, selected: ReadonlySet<string>, toggle: (id: string) => void): Column<RunSummary>[] {
  return [
    {
      id: 'select',
      title: '',
      name: 'Select',
      width: 36,
      value: () => null,
      cell: ({ id, name }) => (
        <Checkbox aria-label={`Select ${name}`} checked={selected.has(id)} onChange={() => toggle(id)} />
      ),
    },
    {
      id: 'name',
      title: 'Name',
      value: ({ name }) => name,
      clip: true,
      cell: ({ id, name }) => (
        <Link to="/research/$run" params={{ run: id }} title={name}>
          {shortName(name)}
        </Link>
      ),
    },
    { id: 'status', title: 'State', width: 112, value: ({ status }) => status, cell: (run) => <RunState run={run} /> },
    {
      id: 'verdict',
      title: 'Against equal weight',
      width: 168,
      value: ({ headline }) => (headline === null ? null : String(headline.distinguishable)),
      cell: ({ headline, error }) =>
        headline === null ? (
          <span className="faint clip" title={error?.message}>
            {error?.code ?? '–'}
          </span>
        ) : (
          <VerdictChip headline={headline} />
        ),
    },
    {
      id: 'sharpe',
      title: 'Sharpe, net',
      right: true,
      width: 148,
      value: ({ headline }) => headline?.sharpe.value ?? null,
      cell: ({ headline }) =>
        headline === null ? (
          '–'
        ) : (
          <>
            <MeasureText measure={headline.sharpe} format={(value) => decimal(value)} />
            {headline.sharpe.low !== undefined && headline.sharpe.high !== undefined && (
              <span className="faint">
                {' '}
                {decimal(headline.sharpe.low)} … {decimal(headline.sharpe.high)}
              </span>
            )}
          </>
        ),
    },
    {
      id: 'psr',
      title: 'PSR',
      right: true,
      width: 64,
      value: ({ headline }) => headline?.psr ?? null,
      cell: ({ headline }) => probability(headline?.psr),
    },
    {
      id: 'cagr',
      title: 'Return / yr',
      right: true,
      width: 84,
      value: ({ headline }) => headline?.cagr ?? null,
      cell: ({ headline }) => percent(headline?.cagr, 1, true),
    },
    {
      id: 'drawdown',
      title: 'Drawdown',
      right: true,
      width: 80,
      value: ({ headline }) => headline?.maxDrawdown ?? null,
      cell: ({ headline }) => percent(headline?.maxDrawdown),
    },
    {
      id: 'dataset',
      title: 'Dataset',
      width: 120,
      clip: true,
      value: ({ dataset }) => dataset.name,
      cell: ({ dataset }) => (
        <Link to="/data/$dataset" params={{ dataset: dataset.id }}>
          {dataset.name} v{dataset.version}
        </Link>
      ),
    },
    {
      id: 'created',
      title: 'Started',
      width: 100,
      value: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => <span title={instant(createdAt)}>{ago(createdAt, now)}</span>,
    },
  ];
}

function matches(run: RunSummary, text: string, status: string | undefined): boolean {
  if (status !== undefined && run.status !== status) return false;
  if (text === '') return true;
  const tags = Object.entries(run.tags).map(([key, value]) => `${key}:${value}`);
  return [run.name, run.dataset.name, ...tags].some((field) => field.toLowerCase().includes(text));
}

function Table({ runs }: { readonly runs: readonly RunSummary[] }) {
  const search = useSearch({ from: '/research' });
  const navigate = useNavigate({ from: '/research' });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const text = (search.q ?? '').toLowerCase();
  const shown = useMemo(() => runs.filter((run) => matches(run, text, search.status)), [runs, text, search.status]);
  const columns = useMemo(() => {
    const toggle = (id: string) =>
      setSelected((known) => {
        const next = new Set(known);
        if (!next.delete(id)) next.add(id);
        return next;
      });
    return runColumns(Date.now(), selected, toggle);
  }, [selected]);
  const enough = selected.size >= 2 && selected.size <= MOST_COMPARED;
  return (
    <>
      <div className="table-tools">
        <TextInput
          aria-label="Filter runs"
          placeholder="Filter by name, dataset or tag"
          w={280}
          value={search.q ?? ''}
          onChange={(event) => {
            const q = event.currentTarget.value;
            void navigate({ search: (previous) => ({ ...previous, q: q === '' ? undefined : q }), replace: true });
          }}
        />
        <Select
          aria-label="State"
          w={130}
          data={['any state', ...STATUSES]}
          value={search.status ?? 'any state'}
          onChange={(value) =>
            void navigate({
              search: (previous) => ({
                ...previous,
                status: value === 'any state' || value === null ? undefined : value,
              }),
              replace: true,
            })
          }
        />
        <span className="caption grow">
          {shown.length === runs.length
            ? plural(runs.length, 'run')
            : `${integer(shown.length)} of ${integer(runs.length)}`}
        </span>
        {selected.size > 0 && (
          <Button variant="subtle" onClick={() => setSelected(new Set())}>
            Clear selection
          </Button>
        )}
        <Button
          variant="default"
          disabled={!enough}
          title={enough ? 'Shows only what differs' : `Select 2 to ${MOST_COMPARED} runs to compare them`}
          onClick={() => void navigate({ to: '/research/compare', search: { runs: [...selected].join(',') } })}
        >
          Compare{selected.size > 0 && ` ${selected.size}`}
        </Button>
      </div>
      {shown.length === 0 ? (
        <EmptyState title="No run matches" text="Change the filter to see more." />
      ) : (
        <DataTable
          label="Runs"
          rows={shown}
          columns={columns}
          rowId={({ id }) => id}
          selected={selected}
          open={({ id }) => void navigate({ to: '/research/$run', params: { run: id } })}
        />
      )}
    </>
  );
}

export function RunsPage() {
  const list = useRuns((state) => state.list);
  return (
    <Page
      title="Research"
      fill
      sentence="Every run is one walk-forward experiment with its configuration frozen."
      actions={
        <Button component={Link} to="/research/new">
          New run
        </Button>
      }
    >
      <section className="card fill" style={{ overflow: 'hidden' }}>
        <RemoteView remote={list} what="the runs" lines={10} retry={() => void readRuns()}>
          {(runs) =>
            runs.length === 0 ? (
              <EmptyState
                title="No run yet"
                text="A run tests one strategy walk-forward against equal weight and the index, after costs."
                actions={
                  <>
                    <Button component={Link} to="/research/new">
                      New run
                    </Button>
                    <Button component={Link} to="/" variant="default">
                      Run the sample
                    </Button>
                  </>
                }
              />
            ) : (
              <Table runs={runs} />
            )
          }
        </RemoteView>
      </section>
    </Page>
  );
}
