/** Coverage of a dataset: a strip of assets × months with what is missing shown, and the table behind it. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { integer, percent } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { type Column, DataTable } from '#renderer/ui/data-table';
import { RemoteView } from '#renderer/ui/remote-view';
import { CoverageStrip, type StripCell } from './coverage-strip';
import { type Asset, type Assets, readAssets, readQuality, useDatasets } from './datasets-store';

const COLUMNS: Column<Asset>[] = [
  { id: 'asset', title: 'Asset', value: ({ asset }) => asset, clip: true },
  {
    id: 'sector',
    title: 'Sector',
    value: ({ sector }) => sector,
    cell: ({ sector }) => sector || <span className="faint">not given</span>,
    clip: true,
  },
  { id: 'first', title: 'From', value: ({ firstDate }) => firstDate, width: 98 },
  { id: 'last', title: 'To', value: ({ lastDate }) => lastDate, width: 98 },
  { id: 'rows', title: 'Rows', right: true, value: ({ rows }) => rows, cell: ({ rows }) => integer(rows), width: 66 },
  { id: 'gaps', title: 'Gaps', right: true, value: ({ gaps }) => gaps, cell: ({ gaps }) => integer(gaps), width: 60 },
];

const WORDS = { '#': 'complete', '+': 'partly', '.': 'no prices' } as const;

function Strip({ assets }: { readonly assets: Assets }) {
  const [cell, setCell] = useState<StripCell | null>(null);
  const mark = cell === null ? undefined : assets.coverage[cell.asset]?.[cell.month];
  return (
    <Card
      title="Assets × months"
      actions={
        <span className="caption num" role="status">
          {
            cell === null || mark === undefined
              ? 'darker: complete · lighter: partly · empty: no prices'
              : `${assets.assets[cell.asset].asset} · ${assets.months[cell.month]} · ${WORDS[mark as keyof typeof WORDS] ?? mark}` /* three marks by contract */
          }
        </span>
      }
    >
      <CoverageStrip
        coverage={assets.coverage}
        months={assets.months}
        height={Math.min(420, Math.max(160, assets.assets.length * 6))}
        onCell={setCell}
      />
    </Card>
  );
}

function YearTable({ dataset }: { readonly dataset: string }) {
  const remote = useDatasets((state) => state.quality[dataset]);
  useEffect(() => {
    void readQuality(dataset);
  }, [dataset]);
  return (
    <Card title="By year" flush>
      <RemoteView remote={remote} what="coverage by year">
        {({ coverageByYear }) => (
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Year</th>
                <th scope="col" className="right">
                  Assets
                </th>
                <th scope="col" className="right">
                  Rows
                </th>
                <th scope="col" className="right">
                  Complete
                </th>
              </tr>
            </thead>
            <tbody>
              {coverageByYear.map((year) => (
                <tr key={year.year}>
                  <th scope="row">{year.year}</th>
                  <td className="right">{integer(year.assets)}</td>
                  <td className="right">{integer(year.rows)}</td>
                  <td className="right">{percent(year.share)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </RemoteView>
    </Card>
  );
}

export function CoverageView({ dataset }: { readonly dataset: string }) {
  const remote = useDatasets((state) => state.assets[dataset]);
  const navigate = useNavigate();
  useEffect(() => {
    void readAssets(dataset);
  }, [dataset]);
  const columns = useMemo(() => COLUMNS, []);
  return (
    <div className="grid coverage-grid">
      <div className="stack" style={{ gridColumn: 'span 6' }}>
        <RemoteView remote={remote} what="the coverage" lines={10}>
          {(assets) => <Strip assets={assets} />}
        </RemoteView>
        <YearTable dataset={dataset} />
      </div>
      <section className="card" style={{ gridColumn: 'span 6' }}>
        <RemoteView remote={remote} what="the assets" lines={10}>
          {(assets) => (
            <DataTable
              label="Assets"
              height={560}
              rows={assets.assets}
              columns={columns}
              rowId={({ asset }) => asset}
              open={({ asset }) =>
                void navigate({ to: '/data/$dataset', params: { dataset }, search: { view: 'prices', asset } })
              }
            />
          )}
        </RemoteView>
      </section>
    </div>
  );
}
