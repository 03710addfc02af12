/** Target weights: each drawn between its bounds, with sector, forecast and price. */
import { Switch } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Portfolio } from '#contract/portfolios';
import { decimal, percent, plural } from '#renderer/format';
import { type Column, DataTable } from '#renderer/ui/data-table';
import { BoundsBar } from './bounds-bar';

type Row = Portfolio['weights'][number];

function columns(scale: number): Column<Row>[] {
  return [
    { id: 'asset', title: 'Asset', value: ({ asset }) => asset, clip: true, width: '17%' },
    { id: 'sector', title: 'Sector', value: ({ sector }) => sector, clip: true, width: '22%' },
    {
      id: 'weight',
      title: 'Weight',
      right: true,
      width: 72,
      value: ({ weight }) => weight,
      cell: ({ weight }) => percent(weight, 2),
    },
    {
      id: 'bounds',
      title: `Between its bounds, 0 … ${percent(scale, 0)}`,
      value: ({ upper }) => upper,
      cell: (row) => <BoundsBar weight={row.weight} lower={row.lower} upper={row.upper} scale={scale} />,
    },
    {
      id: 'forecast',
      title: 'Forecast',
      right: true,
      width: 80,
      value: ({ forecast }) => forecast,
      cell: ({ forecast }) => (forecast === null ? <span className="faint">none</span> : percent(forecast, 2, true)),
    },
    {
      id: 'price',
      title: 'Price',
      right: true,
      width: 80,
      value: ({ price }) => price,
      cell: ({ price }) => decimal(price),
    },
  ];
}

export function WeightsTable({ portfolio }: { readonly portfolio: Portfolio }) {
  const [all, setAll] = useState(false);
  const held = useMemo(() => portfolio.weights.filter(({ weight }) => weight !== 0), [portfolio]);
  const rows = all ? portfolio.weights : held;
  const scale = useMemo(() => {
    const largest = Math.max(
      ...portfolio.weights.map(({ weight, upper }) => Math.max(Math.abs(weight), upper < 0.5 ? upper : 0)),
    );
    return Math.max(Math.ceil(largest * 20) / 20, 0.05);
  }, [portfolio]);
  const table = useMemo(() => columns(scale), [scale]);
  return (
    <section className="card">
      <header>
        <h2>Target weights</h2>
        {held.length < portfolio.weights.length && (
          <Switch
            label={`Also ${plural(portfolio.weights.length - held.length, 'asset')} at zero`}
            checked={all}
            onChange={(event) => setAll(event.currentTarget.checked)}
          />
        )}
      </header>
      <DataTable
        label="Target weights"
        height={600}
        rows={rows}
        columns={table}
        rowId={({ asset }) => asset}
        sortBy={{ id: 'weight', desc: true }}
      />
    </section>
  );
}
