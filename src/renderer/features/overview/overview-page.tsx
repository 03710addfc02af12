/** Overview: the latest verdict and the weights that follow from it; on the right what runs and how fresh the data is. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { RunSummary } from '#contract/runs';
import { decimal, instant, percent, plural, probability, shortName } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { StatusChip } from '#renderer/ui/chip';
import { ErrorNotice } from '#renderer/ui/error-notice';
import { Headline } from '#renderer/ui/headline';
import { Page } from '#renderer/ui/page';
import { Skeleton } from '#renderer/ui/remote-view';
import { AlertsCard } from '../alerts/alerts-card';
import { useDatasets } from '../datasets/datasets-store';
import { readPortfolio, usePortfolios } from '../portfolios/portfolios-store';
import { WeightBars } from '../portfolios/weight-bars';
import { useRuns } from '../runs/runs-store';
import { VerdictChip } from '../runs/verdict';
import { EquityCard } from './equity-card';
import { DatasetsCard, JobsCard, RecentRunsCard } from './overview-cards';
import { SampleOffer } from './sample-offer';
import { runSample, useSample } from './sample-store';

function LatestVerdict({ run }: { readonly run: RunSummary }) {
  const { headline } = run;
  if (headline === null) return null;
  const { sharpe } = headline;
  return (
    <section className="stack tight" aria-labelledby="latest-verdict">
      <div className="row wrap">
        <h2 id="latest-verdict" className="clip">
          <Link to="/research/$run" params={{ run: run.id }}>
            {shortName(run.name)}
          </Link>
        </h2>
        <VerdictChip headline={headline} />
        <span className="caption">
          {run.dataset.name} v{run.dataset.version} · {instant(run.finishedAt)}
        </span>
      </div>
      <p className="verdict-sentence">{headline.verdict}</p>
      <div className="headlines">
        <Headline
          label="Sharpe, net"
          term="sharpe"
          measure={sharpe}
          format={(value) => decimal(value)}
          notes={[
            sharpe.low !== undefined &&
              sharpe.high !== undefined &&
              `95\u202f% ${decimal(sharpe.low)} … ${decimal(sharpe.high)}`,
            headline.psr !== null && `PSR ${probability(headline.psr)}`,
          ]}
        />
        <Headline
          label="Return per year"
          term="cagr"
          measure={{ value: headline.cagr, reason: 'Not measured in this run.' }}
          format={(value) => percent(value, 1, true)}
          notes={['compound, after costs']}
        />
        <Headline
          label="Max drawdown"
          term="max_drawdown"
          measure={{ value: headline.maxDrawdown, reason: 'Not measured in this run.' }}
          format={(value) => percent(value)}
          notes={['from peak to trough']}
        />
      </div>
    </section>
  );
}

function NextWeights() {
  const latest = usePortfolios((state) => state.list.value?.[0]);
  const id = latest?.id;
  const portfolio = usePortfolios((state) => (id === undefined ? undefined : state.shown[id]?.value));
  useEffect(() => {
    if (id !== undefined) void readPortfolio(id);
  }, [id]);
  if (latest === undefined) return null;
  return (
    <Card
      title={`Weights for ${latest.fillOn}`}
      actions={
        <Link to="/portfolios/$portfolio" params={{ portfolio: latest.id }}>
          All weights and trades
        </Link>
      }
    >
      {portfolio === null || portfolio === undefined ? (
        <Skeleton lines={8} what="the weights" />
      ) : (
        <WeightBars portfolio={portfolio} most={10} />
      )}
    </Card>
  );
}

function SampleButton() {
  const phase = useSample((state) => state.phase);
  return (
    <Button variant="default" loading={phase !== 'idle' && phase !== 'failed'} onClick={() => void runSample()}>
      Run the sample
    </Button>
  );
}

function Known() {
  const runs = useRuns((state) => state.list.value ?? []);
  const datasets = useDatasets((state) => state.list.value ?? []);
  const latest = runs.find(({ headline }) => headline !== null);
  return (
    <Page
      title="Overview"
      sentence={`${plural(datasets.length, 'dataset')} · ${plural(runs.length, 'run')}`}
      actions={
        <Button component={Link} to="/research/new">
          New run
        </Button>
      }
    >
      <div className="grid">
        <div className="stack" style={{ gridColumn: 'span 8' }}>
          {latest === undefined ? (
            <Card title="No finished run yet">
              <div className="row apart">
                <p className="secondary">The verdict of the latest finished run stands here.</p>
                <SampleButton />
              </div>
            </Card>
          ) : (
            <LatestVerdict run={latest} />
          )}
          <NextWeights />
        </div>
        <div className="stack" style={{ gridColumn: 'span 4' }}>
          <AlertsCard most={3} />
          <JobsCard />
          <DatasetsCard datasets={datasets} />
          {latest !== undefined && <EquityCard run={latest} />}
          <RecentRunsCard runs={runs.slice(0, 5)} status={(status) => <StatusChip status={status} />} />
        </div>
      </div>
    </Page>
  );
}

export function OverviewPage() {
  const runs = useRuns((state) => state.list);
  const datasets = useDatasets((state) => state.list);
  const error = datasets.error ?? runs.error;
  if (runs.value === null || datasets.value === null) {
    return (
      <Page title="Overview">
        {error === null ? <Skeleton lines={8} what="the workspace" /> : <ErrorNotice error={error} />}
      </Page>
    );
  }
  if (runs.value.length === 0 && datasets.value.length === 0) {
    return (
      <Page title="Overview">
        <SampleOffer />
      </Page>
    );
  }
  return <Known />;
}
