/** A new run: form at the left, what it will do and the YAML it writes at the right; both change the same text. */
import { Button } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useDatasets } from '../datasets/datasets-store';
import { ErrorNotice } from '#renderer/ui/error-notice';
import { Page } from '#renderer/ui/page';
import {
  draftFrom,
  newDraft,
  readCatalog,
  setText,
  startReason,
  startRun,
  suggestDataset,
  useDraft,
} from './draft-store';
import { DraftForm } from './draft-form';
import { DraftPlan } from './draft-plan';
import { DraftYaml } from './draft-yaml';
import { readRun } from './runs-store';

/** A dataset or a run in the address fills the draft once; then the address is tidied. */
function useStartingPoint(): void {
  const { dataset, from } = useSearch({ from: '/research/new' });
  const navigate = useNavigate();
  useEffect(() => {
    if (dataset !== undefined) newDraft(dataset);
    else if (from === undefined) {
      setText(useDraft.getState().text);
      return;
    } else {
      void readRun(from).then((run) => {
        if (run !== null) draftFrom(run.config);
      });
    }
    void navigate({ to: '/research/new', search: {}, replace: true });
  }, [dataset, from, navigate]);
}

export function NewRunPage() {
  useStartingPoint();
  const state = useDraft();
  const newest = useDatasets((datasets) => datasets.list.value?.[0]?.name);
  const navigate = useNavigate();
  const reason = startReason(state);
  useEffect(() => {
    void readCatalog();
  }, []);
  useEffect(() => suggestDataset(newest), [newest]);
  const start = () =>
    void startRun().then((run) => {
      if (run !== null) void navigate({ to: '/research/$run', params: { run } });
    });
  return (
    <Page
      title="New run"
      sentence={
        <span className={reason === null ? 'gain' : undefined} role="status">
          {reason === null ? '✓ The configuration is valid.' : reason}
        </span>
      }
      actions={
        <Button
          disabled={reason !== null}
          title={reason ?? 'Queued at once, worked on in a child process'}
          onClick={start}
        >
          Start run
        </Button>
      }
    >
      {state.error !== null && state.error.code !== 'UNAVAILABLE' && (
        <ErrorNotice error={state.error} kept="The draft, in this tab." />
      )}
      <div className="grid">
        <div className="stack" style={{ gridColumn: 'span 7' }}>
          <DraftForm />
        </div>
        <div className="stack sticky" style={{ gridColumn: 'span 5' }}>
          <DraftPlan />
          <DraftYaml />
        </div>
      </div>
    </Page>
  );
}
