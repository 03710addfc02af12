/** One portfolio: target weights between their bounds, the constraints with their slack, and the trades that lead there. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { Portfolio } from '#contract/portfolios';
import { toAppError } from '#renderer/app/client';
import { download } from '#renderer/download';
import { percent, plural, shortName } from '#renderer/format';
import { Chip } from '#renderer/ui/chip';
import { Page } from '#renderer/ui/page';
import { RemoteView } from '#renderer/ui/remote-view';
import { ConstraintsCard } from './constraints-card';
import { exportPortfolio, readPortfolio, usePortfolios } from './portfolios-store';
import { TradesCard } from './trades-card';
import { WeightsTable } from './weights-table';

function ExportButton({ portfolio }: { readonly portfolio: Portfolio }) {
  const [busy, setBusy] = useState(false);
  const save = () => {
    setBusy(true);
    exportPortfolio(portfolio.id)
      .then(({ filename, text }) => {
        download(filename, text, 'text/csv');
        notifications.show({ title: 'Weights exported', message: filename });
      })
      .catch((error: unknown) =>
        notifications.show({ color: 'red', title: 'Nothing was exported', message: toAppError(error).message }),
      )
      .finally(() => setBusy(false));
  };
  return (
    <Button loading={busy} onClick={save} title="CSV, safe to open in a spreadsheet">
      Export CSV
    </Button>
  );
}

function Shown({ portfolio }: { readonly portfolio: Portfolio }) {
  const held = portfolio.weights.filter(({ weight }) => weight !== 0);
  const broken = portfolio.checks.filter(({ satisfied }) => !satisfied);
  return (
    <Page
      title={`Weights for ${portfolio.fillOn}`}
      chip={
        broken.length === 0 ? (
          <Chip tone="gain">✓ All constraints hold</Chip>
        ) : (
          <Chip tone="danger">✕ {plural(broken.length, 'constraint')} violated</Chip>
        )
      }
      sentence={
        <>
          {portfolio.strategy} of{' '}
          <Link to="/research/$run" params={{ run: portfolio.run }}>
            {shortName(portfolio.runName)}
          </Link>
          , decided after the close of {portfolio.decidedOn} · {plural(held.length, 'holding')} · cash{' '}
          {percent(portfolio.cash)}
        </>
      }
      actions={<ExportButton portfolio={portfolio} />}
    >
      <div className="grid">
        <div className="stack" style={{ gridColumn: 'span 7' }}>
          <WeightsTable portfolio={portfolio} />
        </div>
        <div className="stack" style={{ gridColumn: 'span 5' }}>
          <ConstraintsCard checks={portfolio.checks} />
          <TradesCard portfolio={portfolio} />
        </div>
      </div>
    </Page>
  );
}

export function PortfolioPage() {
  const { portfolio: id } = useParams({ from: '/portfolios/$portfolio' });
  const remote = usePortfolios((state) => state.shown[id]);
  useEffect(() => {
    void readPortfolio(id);
  }, [id]);
  return (
    <RemoteView remote={remote} what="the portfolio" lines={12} retry={() => void readPortfolio(id)}>
      {(portfolio) => <Shown portfolio={portfolio} />}
    </RemoteView>
  );
}
