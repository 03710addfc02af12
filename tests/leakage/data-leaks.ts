/** What goes wrong before the pipeline gets its prices: universes and fillings that know how the story ends. */
import type { PriceData } from '#quant/research/select-data';
import { withClose } from './zoo-market';

type Prepare = (data: PriceData) => PriceData;

const members =
  (choose: (data: PriceData, asset: number, cell: number) => boolean): Prepare =>
  (data) => ({
    ...data,
    panel: {
      ...data.panel,
      membership: Uint8Array.from(data.panel.fields.close, (_, cell) =>
        choose(data, cell % data.panel.assets.length, cell) ? 1 : 0,
      ),
    },
  });

const lastRow = ({ panel }: PriceData) => (panel.dates.length - 1) * panel.assets.length;

export const dataLeaks: Readonly<Record<string, Prepare>> = {
  'the final universe on every date': members(
    (data, asset) => data.panel.membership === undefined || data.panel.membership[lastRow(data) + asset] === 1,
  ),
  'survivors only': (data) =>
    withClose(data, (close) => {
      const n = data.panel.assets.length;
      return close.map((price, cell) => (close[lastRow(data) + (cell % n)] > 0 ? price : NaN));
    }),
  'a universe by liquidity over all dates': (data) => {
    const { assets, fields } = data.panel;
    const n = assets.length;
    const total = new Float64Array(n);
    const traded = new Float64Array(n);
    fields.volume?.forEach((shares, cell) => {
      if (!(shares > 0)) return;
      total[cell % n] += shares * fields.close[cell];
      traded[cell % n] += 1;
    });
    const mean = total.map((sum, i) => sum / Math.max(1, traded[i]));
    const middle = mean.toSorted()[n >> 1];
    return members((_, asset) => mean[asset] >= middle)(data);
  },
  'gaps filled backwards': (data) =>
    withClose(data, (close) => {
      const n = data.panel.assets.length;
      const filled = close.slice();
      for (let at = filled.length - n - 1; at >= 0; at--) if (!(filled[at] > 0)) filled[at] = filled[at + n];
      return filled;
    }),
  'gaps interpolated between their neighbors': (data) =>
    withClose(data, (close) => {
      const n = data.panel.assets.length;
      return close.map((price, at) => {
        if (price > 0 || !(close[at - n] > 0)) return price;
        return close[at + n] > 0 ? (close[at - n] + close[at + n]) / 2 : price;
      });
    }),
};
