/** Rows that the import refused: file, line, column, reason and the text itself. */
import { Button } from '@mantine/core';
import { useEffect } from 'react';
import { toCsv } from '#base/csv';
import type { Dataset } from '#contract/datasets';
import { download } from '#renderer/download';
import { integer, sourceText, words } from '#renderer/format';
import { type Column, DataTable } from '#renderer/ui/data-table';
import { EmptyState } from '#renderer/ui/empty-state';
import { RemoteView } from '#renderer/ui/remote-view';
import { readRejects, type Rejects, useDatasets } from './datasets-store';

type Reject = Rejects['rejects'][number];

const COLUMNS: Column<Reject>[] = [
  { id: 'file', title: 'File', value: ({ file }) => sourceText(file), clip: true, width: '18%' },
  { id: 'line', title: 'Line', right: true, value: ({ line }) => line, cell: ({ line }) => integer(line), width: 80 },
  { id: 'column', title: 'Column', value: ({ column }) => column, cell: ({ column }) => column ?? '–', width: 100 },
  {
    id: 'reason',
    title: 'Reason',
    value: ({ reason }) => (/^[a-z_]+$/.test(reason) ? words(reason) : reason),
    clip: true,
  },
  {
    id: 'text',
    title: 'Text',
    value: ({ text }) => text,
    cell: ({ text }) => <code title={text}>{text}</code>,
    clip: true,
  },
];

function Table({ dataset, rejects }: { readonly dataset: Dataset; readonly rejects: Rejects }) {
  if (rejects.total === 0) {
    return <EmptyState title="No row was refused" text="Every row of the source is in the dataset." />;
  }
  const save = () =>
    download(
      `${dataset.name}-v${dataset.version}-rejects.csv`,
      toCsv(
        ['file', 'line', 'column', 'reason', 'text'],
        rejects.rejects.map(({ file, line, column, reason, text }) => [file, line, column, reason, text]),
      ),
      'text/csv',
    );
  return (
    <>
      <div className="table-tools">
        <span className="caption grow">
          {integer(rejects.rejects.length)} of {integer(rejects.total)} refused rows
        </span>
        <Button variant="default" onClick={save}>
          Export CSV
        </Button>
      </div>
      <DataTable
        label="Rejected rows"
        rows={rejects.rejects}
        columns={COLUMNS}
        rowId={({ file, line, column, text }) => `${file}:${line}:${column}:${text}`}
      />
    </>
  );
}

export function RejectsView({ dataset }: { readonly dataset: Dataset }) {
  const remote = useDatasets((state) => state.rejects[dataset.id]);
  useEffect(() => {
    void readRejects(dataset.id);
  }, [dataset.id]);
  return (
    <section className="card fill" style={{ overflow: 'hidden' }}>
      <RemoteView remote={remote} what="the rejected rows" retry={() => void readRejects(dataset.id)}>
        {(rejects) => <Table dataset={dataset} rejects={rejects} />}
      </RemoteView>
    </section>
  );
}
