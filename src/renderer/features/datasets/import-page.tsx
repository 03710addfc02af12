/** The import wizard on one page: files at the left, what they are at the right, then progress and outcome. */
import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { Card } from '#renderer/ui/card';
import { ErrorNotice } from '#renderer/ui/error-notice';
import { Page } from '#renderer/ui/page';
import { JobPanel } from '../jobs/job-panel';
import { ImportFiles } from './import-files';
import { ImportLook } from './import-look';
import { ImportSettings } from './import-settings';
import { backToChoice, commit, look, missing, startOver, useImport } from './import-store';

function Importing() {
  const { phase, job, name, dataset, error } = useImport();
  const navigate = useNavigate();
  useEffect(() => {
    if (phase !== 'done' || dataset === null) return;
    void navigate({ to: '/data/$dataset', params: { dataset } }).then(startOver);
  }, [phase, dataset, navigate]);
  if (phase === 'importing' && job !== null) {
    return (
      <Card title={`Importing ${name}`}>
        <JobPanel
          job={job}
          label={`Importing ${name}`}
          kept="Nothing of this import is kept; datasets that exist stay as they are."
        />
      </Card>
    );
  }
  if (phase === 'cancelled') {
    return (
      <section className="notice" data-tone="quiet" role="status">
        <h2>The import was cancelled</h2>
        <p>Nothing was stored. The files and settings chosen below are still there.</p>
        <div className="row">
          <Button variant="default" onClick={backToChoice}>
            Back to the import
          </Button>
        </div>
      </section>
    );
  }
  if (phase === 'failed' && error !== null) {
    return (
      <ErrorNotice
        error={error}
        kept="Datasets that exist are unchanged; the files and settings chosen below are still there."
        todo="Correct the file, map a column by hand or allow more bad rows, then import again."
        retry={backToChoice}
      />
    );
  }
  return null;
}

export function ImportPage() {
  const state = useImport();
  const reason = missing(state);
  const key = JSON.stringify([state.files, state.options]);
  useEffect(() => {
    const timer = setTimeout(() => void look(), 150);
    return () => clearTimeout(timer);
  }, [key]);
  const choosing = state.phase !== 'importing' && state.phase !== 'done';
  return (
    <Page
      title="Import prices"
      sentence="Files are read on this machine. Bad rows are listed with file, line and reason; nothing is stored before Import."
      actions={
        <>
          {state.files.length > 0 && choosing && (
            <Button variant="subtle" onClick={startOver}>
              Start over
            </Button>
          )}
          <Button component={Link} to="/data" variant="default">
            Close
          </Button>
          <Button
            disabled={reason !== null || !choosing}
            title={reason ?? 'Stores the dataset'}
            onClick={() => void commit()}
          >
            Import
          </Button>
        </>
      }
    >
      <Importing />
      {choosing && (
        <div className="grid">
          <div className="stack" style={{ gridColumn: 'span 4' }}>
            <ImportFiles />
            {state.files.length > 0 && <ImportSettings />}
            {reason !== null && state.files.length > 0 && <p className="caption">Import waits: {reason}</p>}
          </div>
          <div className="stack" style={{ gridColumn: 'span 8' }}>
            <ImportLook />
          </div>
        </div>
      )}
    </Page>
  );
}
