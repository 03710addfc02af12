/** All datasets: what they hold, how far they reach, what was found in them. */
import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Dataset } from '#contract/datasets';
import { ago, integer, instant, plural } from '#renderer/format';
import { Chip } from '#renderer/ui/chip';
import { type Column, DataTable } from '#renderer/ui/data-table';
import { EmptyState } from '#renderer/ui/empty-state';
import { Page } from '#renderer/ui/page';
import { RemoteView } from '#renderer/ui/remote-view';
import { useJobs } from '../jobs/jobs-store';
import { JobPanel } from '../jobs/job-panel';
import { readDatasets, useDatasets } from './datasets-store';

export function FindingChips({ findings }: { readonly findings: Dataset['findings'] }) {
  const { error, warning, info } = findings;
  return (
    <span className="row" style={{ gap: 4 }}>
      {error > 0 && <Chip tone="danger">{plural(error, 'error')}</Chip>}
      {warning > 0 && <Chip tone="warn">{plural(warning, 'warning')}</Chip>}
      {info > 0 && <Chip>{plural(info, 'note')}</Chip>}
      {error + warning + info === 0 && <span className="faint">none</span>}
    </span>
  );
}

function columns(now: number): Column<Dataset>[] {
  return [
    {
      id: 'name',
      title: 'Name',
      value: ({ name }) => name,
      cell: ({ id, name, version }) => (
        <>
          <Link to="/data/$dataset" params={{ dataset: id }}>
            {name}
          </Link>{' '}
          <span className="faint">v{version}</span>
        </>
      ),
    },
    {
      id: 'assets',
      title: 'Assets',
      right: true,
      value: ({ manifest }) => manifest.assets,
      cell: ({ manifest }) => integer(manifest.assets),
    },
    {
      id: 'rows',
      title: 'Rows',
      right: true,
      value: ({ manifest }) => manifest.rows,
      cell: ({ manifest }) => integer(manifest.rows),
    },
    {
      id: 'rejected',
      title: 'Rejected',
      right: true,
      value: ({ manifest }) => manifest.rejectedRows,
      cell: ({ manifest }) => integer(manifest.rejectedRows),
    },
    { id: 'first', title: 'From', value: ({ manifest }) => manifest.firstDate },
    { id: 'last', title: 'To', value: ({ manifest }) => manifest.lastDate },
    {
      id: 'findings',
      title: 'Findings',
      value: ({ findings }) => findings.error * 1e6 + findings.warning,
      cell: ({ findings }) => <FindingChips findings={findings} />,
    },
    {
      id: 'source',
      title: 'Source',
      value: ({ manifest }) =>
        manifest.generator === null ? manifest.layout : `generated ${manifest.generator.preset}`,
      cell: ({ manifest }) =>
        manifest.generator === null
          ? manifest.layout
          : `generated · ${manifest.generator.preset} · seed ${manifest.generator.seed}`,
    },
    {
      id: 'created',
      title: 'Imported',
      value: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => <span title={instant(createdAt)}>{ago(createdAt, now)}</span>,
    },
  ];
}

function RunningImports() {
  const jobs = useJobs((state) => state.active);
  const imports = useMemo(
    () => jobs.filter(({ kind }) => kind === 'import-dataset' || kind === 'generate-dataset'),
    [jobs],
  );
  return imports.map((job) => (
    <section key={job.id} className="card">
      <header>
        <h2 className="clip">{job.title}</h2>
      </header>
      <div className="card-body">
        <JobPanel
          job={job.id}
          label={job.title}
          kept="Nothing of this import is kept; datasets that exist stay as they are."
        />
      </div>
    </section>
  ));
}

export function DatasetsPage() {
  const list = useDatasets((state) => state.list);
  const navigate = useNavigate();
  const table = useMemo(() => columns(Date.now()), []);
  return (
    <Page
      title="Data"
      fill
      sentence={list.value === null ? undefined : plural(list.value.length, 'dataset')}
      actions={
        <Button component={Link} to="/data/import">
          Import
        </Button>
      }
    >
      <RunningImports />
      <section className="card fill">
        <RemoteView remote={list} what="the datasets" retry={() => void readDatasets()}>
          {(datasets) =>
            datasets.length === 0 ? (
              <EmptyState
                title="No dataset yet"
                text="Import price files (CSV, gzip CSV or Parquet), or start with the sample market on the overview."
                actions={
                  <>
                    <Button component={Link} to="/data/import">
                      Import
                    </Button>
                    <Button component={Link} to="/" variant="default">
                      Run the sample
                    </Button>
                  </>
                }
              />
            ) : (
              <DataTable
                label="Datasets"
                rows={datasets}
                columns={table}
                rowId={({ id }) => id}
                open={({ id }) => void navigate({ to: '/data/$dataset', params: { dataset: id } })}
              />
            )
          }
        </RemoteView>
      </section>
    </Page>
  );
}
