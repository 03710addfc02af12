/** One dataset: what it covers, what was found in it, what was refused, its prices, and where it came from. */
import { Button, Modal } from '@mantine/core';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { toWire, type WireError } from '#base/errors';
import type { Dataset } from '#contract/datasets';
import { toAppError } from '#renderer/app/client';
import { integer, plural } from '#renderer/format';
import { Chip } from '#renderer/ui/chip';
import { ErrorNotice } from '#renderer/ui/error-notice';
import { Page } from '#renderer/ui/page';
import { RemoteView } from '#renderer/ui/remote-view';
import { readDataset, removeDataset, useDatasets } from './datasets-store';
import { CoverageView } from './coverage-view';
import { LineageView } from './lineage-view';
import { PricesView } from './prices-view';
import { QualityView } from './quality-view';
import { RejectsView } from './rejects-view';

const VIEWS = ['coverage', 'quality', 'rejects', 'prices', 'lineage'] as const;
type View = (typeof VIEWS)[number];

const TITLES: Readonly<Record<View, string>> = {
  coverage: 'Coverage',
  quality: 'Quality',
  rejects: 'Rejected rows',
  prices: 'Prices',
  lineage: 'Lineage',
};

function countOf(view: View, { manifest, findings }: Dataset): string | null {
  if (view === 'quality') return integer(findings.error + findings.warning + findings.info);
  if (view === 'rejects') return integer(manifest.rejectedRows);
  return null;
}

function Tabs({ dataset, view }: { readonly dataset: Dataset; readonly view: View }) {
  return (
    <nav className="tabs" aria-label="Views of the dataset">
      {VIEWS.map((candidate) => {
        const count = countOf(candidate, dataset);
        return (
          <Link
            key={candidate}
            to="/data/$dataset"
            params={{ dataset: dataset.id }}
            search={{ view: candidate }}
            replace
            aria-current={candidate === view ? 'page' : undefined}
          >
            {TITLES[candidate]}
            {count !== null && <span className="faint"> {count}</span>}
          </Link>
        );
      })}
    </nav>
  );
}

function RemoveDialog({ dataset, close }: { readonly dataset: Dataset; readonly close: () => void }) {
  const navigate = useNavigate();
  const [error, setError] = useState<WireError | null>(null);
  const remove = () => {
    removeDataset(dataset.id)
      .then(() => navigate({ to: '/data' }))
      .catch((caught: unknown) => setError(toWire(toAppError(caught))));
  };
  return (
    <Modal
      opened
      onClose={close}
      title={`Remove ${dataset.name} v${dataset.version}?`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="stack">
        <p>
          {integer(dataset.manifest.rows)} rows are deleted from the workspace. The files they came from stay. A dataset
          that a run uses is not removed.
        </p>
        {error !== null && <ErrorNotice error={error} kept="The dataset is unchanged." />}
        <div className="row" style={{ justifyContent: 'end' }}>
          <Button variant="default" onClick={close} data-autofocus>
            Keep
          </Button>
          <Button color="red.8" onClick={remove}>
            Remove
          </Button>
        </div>
      </div>
    </Modal>
  );
}

function sentence({ manifest }: Dataset): string {
  const parts = [
    `${integer(manifest.rows)} rows`,
    plural(manifest.assets, 'asset'),
    `${manifest.firstDate} … ${manifest.lastDate}`,
    manifest.benchmark === null ? 'no benchmark' : `benchmark ${manifest.benchmark}`,
    manifest.hasMembership ? 'point-in-time membership' : 'no membership',
  ];
  return parts.join(' · ');
}

function View({ dataset, view }: { readonly dataset: Dataset; readonly view: View }) {
  const { id } = dataset;
  if (view === 'quality') return <QualityView dataset={id} />;
  if (view === 'rejects') return <RejectsView dataset={dataset} />;
  if (view === 'prices') return <PricesView dataset={id} />;
  if (view === 'lineage') return <LineageView dataset={dataset} />;
  return <CoverageView dataset={id} />;
}

function Shown({ dataset }: { readonly dataset: Dataset }) {
  const search = useSearch({ from: '/data/$dataset' });
  const [removing, setRemoving] = useState(false);
  const view = search.view ?? 'coverage';
  return (
    <Page
      title={dataset.name}
      fill
      chip={
        <>
          <Chip>v{dataset.version}</Chip>
          {dataset.manifest.generator !== null && <Chip>generated</Chip>}
        </>
      }
      sentence={sentence(dataset)}
      actions={
        <>
          <Button variant="subtle" color="gray" onClick={() => setRemoving(true)}>
            Remove
          </Button>
          <Button renderRoot={(props) => <Link {...props} to="/research/new" search={{ dataset: dataset.name }} />}>
            New run
          </Button>
        </>
      }
    >
      <Tabs dataset={dataset} view={view} />
      <View dataset={dataset} view={view} />
      {removing && <RemoveDialog dataset={dataset} close={() => setRemoving(false)} />}
    </Page>
  );
}

export function DatasetPage() {
  const { dataset: id } = useParams({ from: '/data/$dataset' });
  const remote = useDatasets((state) => state.shown[id]);
  useEffect(() => {
    void readDataset(id);
  }, [id]);
  return (
    <RemoteView remote={remote} what="the dataset" retry={() => void readDataset(id)}>
      {(dataset) => <Shown dataset={dataset} />}
    </RemoteView>
  );
}
