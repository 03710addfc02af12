/** All portfolios: the weights that finished runs lead to, newest first. */
import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { ago, instant, plural, shortName } from '#renderer/format';
import { type Column, DataTable } from '#renderer/ui/data-table';
import { EmptyState } from '#renderer/ui/empty-state';
import { Page } from '#renderer/ui/page';
import { RemoteView } from '#renderer/ui/remote-view';
import { type PortfolioSummary, readPortfolios, usePortfolios } from './portfolios-store';

function columns(now: number): Column<PortfolioSummary>[] {
  return [
    {
      id: 'fill',
      title: 'For',
      width: 110,
      value: ({ fillOn }) => fillOn,
      cell: ({ id, fillOn }) => (
        <Link to="/portfolios/$portfolio" params={{ portfolio: id }}>
          {fillOn}
        </Link>
      ),
    },
    { id: 'strategy', title: 'Strategy', width: 220, value: ({ strategy }) => strategy },
    {
      id: 'run',
      title: 'Run',
      clip: true,
      value: ({ runName }) => runName,
      cell: ({ run, runName }) => (
        <Link to="/research/$run" params={{ run }}>
          {shortName(runName)}
        </Link>
      ),
    },
    { id: 'decided', title: 'Decided on', width: 110, value: ({ decidedOn }) => decidedOn },
    {
      id: 'created',
      title: 'Made',
      width: 110,
      value: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => <span title={instant(createdAt)}>{ago(createdAt, now)}</span>,
    },
  ];
}

export function PortfoliosPage() {
  const list = usePortfolios((state) => state.list);
  const navigate = useNavigate();
  const table = useMemo(() => columns(Date.now()), []);
  return (
    <Page
      title="Portfolio"
      fill
      sentence={list.value === null ? undefined : plural(list.value.length, 'set of weights', 'sets of weights')}
    >
      <section className="card fill" style={{ overflow: 'hidden' }}>
        <RemoteView remote={list} what="the portfolios" retry={() => void readPortfolios()}>
          {(portfolios) =>
            portfolios.length === 0 ? (
              <EmptyState
                title="No weights yet"
                text="Every finished run gives target weights for the next rebalance."
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
              <DataTable
                label="Portfolios"
                rows={portfolios}
                columns={table}
                rowId={({ id }) => id}
                open={({ id }) => void navigate({ to: '/portfolios/$portfolio', params: { portfolio: id } })}
              />
            )
          }
        </RemoteView>
      </section>
    </Page>
  );
}
