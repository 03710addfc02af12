/** Calculation kind `corporate_actions.adjust`: raw prices and events → back-adjusted prices. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { formatIsoDay } from '#quant/calendar/iso-day';
import { adjustmentFactors } from '#quant/prices/adjustment';
import { readPriceFile } from '#quant/prices/normalize';
import { calcKind } from '../kind';
import { columnsTable, requireInput } from '../tables';

const adjust = calcKind({
  id: 'corporate_actions.adjust',
  summary: 'Back-adjustment for splits and dividends',
  recipe:
    'factor_T = 1; factor_t = factor_{t+1} / split_{t+1} · (1 − dividend_{t+1} / close_t) with raw closes (split 1, dividend 0 without an event; ' +
    'the event date is the ex-date row). adj_close = close · factor. factor_before_split: factor on the row before the first split.',
  inputs: { file: 'One price file with one ticker and raw closes' },
  params: z.strictObject({
    splits: z.array(z.strictObject({ date: z.iso.date(), ratio: z.number().gt(0) })).default([]),
    dividends: z.array(z.strictObject({ date: z.iso.date(), amount: z.number().gte(0) })).default([]),
  }),
  run: (inputs, { splits, dividends }) => {
    const file = requireInput(inputs, 'file');
    const { rows, order } = readPriceFile(file.bytes, file.name);
    const column = rows.columns.get('close');
    if (!column || order.length === 0) {
      throw new AppError('NOT_ENOUGH_DATA', `Expected closes in ${file.name}, found none. Check the file.`);
    }
    const dates = Array.from(order, (row) => formatIsoDay(rows.day[row]));
    const close = Float64Array.from(order, (row) => column[row]);
    const factors = adjustmentFactors({ dates, close, splits, dividends });
    const adjusted = close.map((price, t) => price * factors[t]);
    const end = close.length - 1;
    const firstSplit = splits.map(({ date }) => dates.indexOf(date)).sort((a, b) => a - b)[0];
    return {
      factor_first: factors[0],
      factor_before_split: firstSplit === undefined || firstSplit < 1 ? null : factors[firstSplit - 1],
      adj_close_first: adjusted[0],
      total_return: adjusted[end] / adjusted[0] - 1,
      price_return_unadjusted: close[end] / close[0] - 1,
      table: columnsTable({ date: dates, close, factor: factors, adj_close: adjusted }),
    };
  },
});

export const kinds = [adjust];
