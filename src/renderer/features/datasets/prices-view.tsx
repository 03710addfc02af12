/** Price explorer: one asset at a time, close with the day's range and volume below on the same time axis. */
import { Select } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';
import { decimal, integer } from '#renderer/format';
import { token } from '#renderer/plotly';
import { Card } from '#renderer/ui/card';
import { Plot } from '#renderer/ui/plot';
import { RemoteView } from '#renderer/ui/remote-view';
import { type Assets, priceKey, type Prices, readAssets, readPrices, useDatasets } from './datasets-store';

function figureOf(prices: Prices): { data: object[]; layout: object } {
  const x = prices.dates;
  const hairline = { width: 0 };
  const series = token('series-ours');
  const data = [
    { type: 'scatter', mode: 'lines', x, y: prices.low, line: hairline, hoverinfo: 'skip', connectgaps: false },
    {
      type: 'scatter',
      mode: 'lines',
      x,
      y: prices.high,
      line: hairline,
      fill: 'tonexty',
      fillcolor: `${series}33`,
      hoverinfo: 'skip',
    },
    { type: 'scatter', mode: 'lines', name: 'Close', x, y: prices.close, line: { color: series, width: 1.4 } },
    { type: 'bar', name: 'Volume', x, y: prices.volume, yaxis: 'y2', marker: { color: token('series-benchmark') } },
  ];
  const layout = {
    margin: { l: 56, r: 12, t: 8, b: 26 },
    xaxis: { type: 'date', domain: [0, 1], anchor: 'y2' },
    yaxis: { domain: [0.26, 1], title: { text: 'Price' } },
    yaxis2: { domain: [0, 0.2], title: { text: 'Volume' }, nticks: 3 },
  };
  return { data, layout };
}

function PriceChart({ asset, prices }: { readonly asset: string; readonly prices: Prices }) {
  const figure = useCallback(() => figureOf(prices), [prices]);
  const last = prices.close.findLastIndex((value) => value !== null);
  const known = prices.close.filter((value) => value !== null).length;
  const missing = prices.close.length - known;
  return (
    <div className="stack tight">
      <Plot label={`Daily close, range and volume of ${asset}`} height={440} figure={figure} />
      <p className="caption num">
        {integer(known)} days
        {missing > 0 && ` · ${integer(missing)} without a price`}
        {last >= 0 && ` · last close ${decimal(prices.close[last])} on ${prices.dates[last]}`} · shaded: the day's low
        to high · drag to zoom, double-click to reset
      </p>
    </div>
  );
}

function Explorer({ dataset, assets }: { readonly dataset: string; readonly assets: Assets }) {
  const search = useSearch({ from: '/data/$dataset' });
  const navigate = useNavigate();
  const asset = search.asset ?? assets.assets[0]?.asset ?? '';
  const remote = useDatasets((state) => state.prices[priceKey(dataset, asset)]);
  useEffect(() => {
    if (asset !== '') void readPrices(dataset, asset);
  }, [dataset, asset]);
  const info = assets.assets.find((candidate) => candidate.asset === asset);
  return (
    <Card
      label={`Prices of ${asset}`}
      head={
        <span className="row">
          <Select
            aria-label="Asset"
            w={200}
            searchable
            limit={100}
            data={assets.assets.map((candidate) => candidate.asset)}
            value={asset}
            onChange={(value) =>
              value !== null &&
              void navigate({
                to: '/data/$dataset',
                params: { dataset },
                search: { view: 'prices', asset: value },
                replace: true,
              })
            }
          />
          {info !== undefined && (
            <span className="caption">
              {info.sector !== '' && `${info.sector} · `}
              {info.firstDate} … {info.lastDate}
            </span>
          )}
        </span>
      }
    >
      <RemoteView
        remote={remote}
        what={`the prices of ${asset}`}
        lines={12}
        retry={() => void readPrices(dataset, asset)}
      >
        {(prices) => <PriceChart asset={asset} prices={prices} />}
      </RemoteView>
    </Card>
  );
}

export function PricesView({ dataset }: { readonly dataset: string }) {
  const remote = useDatasets((state) => state.assets[dataset]);
  useEffect(() => {
    void readAssets(dataset);
  }, [dataset]);
  return (
    <RemoteView remote={remote} what="the assets" retry={() => void readAssets(dataset)}>
      {(assets) => <Explorer dataset={dataset} assets={assets} />}
    </RemoteView>
  );
}
