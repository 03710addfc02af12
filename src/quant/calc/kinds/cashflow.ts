/** `cashflow.*`: returns of an account that bought and sold one asset with deposits and withdrawals. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { internalRateOfReturn, modifiedDietz } from '#quant/attribution/cashflow';
import { daysBetween } from '#quant/calendar/rebalance-dates';
import { calcKind } from '../kind';

const returns = calcKind({
  id: 'cashflow.returns',
  summary: 'Money-weighted, time-weighted and modified Dietz returns.',
  recipe:
    "Each flow (positive = deposit) buys/sells at that date's price (fractional shares, no costs). end_value = shares*price. xirr: annual r with " +
    'sum(-flow*(1+r)^(-days/365)) + end_value*(1+r)^(-T/365)=0 (actual days from the first flow). twr = total time-weighted return over the ' +
    'whole period. modified_dietz: begin value = first flow, other flows weighted (T-t_i)/T, not annualised.',
  inputs: {},
  params: z.strictObject({
    flows: z
      .array(z.strictObject({ date: z.iso.date(), amount: z.number() }))
      .min(1)
      .meta({ title: 'Flows', description: 'Positive = deposit.' }),
    end_date: z.iso.date().meta({ title: 'End' }),
    prices: z.record(z.iso.date(), z.number().gt(0)).meta({ title: 'Price by date' }),
  }),
  run: (_, params) => {
    const flows = [...params.flows].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
    const priceOn = (day: string) => {
      if (Object.hasOwn(params.prices, day)) return params.prices[day];
      throw new AppError('BAD_REQUEST', `Expected a price on ${day}, found none. Add it to \`prices\`.`);
    };
    const start = flows[0].date;
    const days = daysBetween(start, params.end_date);
    if (days <= 0) {
      throw new AppError('BAD_REQUEST', `Expected an end after the first flow on ${start}, found ${params.end_date}.`);
    }
    const shares = flows.reduce((sum, { date, amount }) => sum + amount / priceOn(date), 0);
    const endValue = shares * priceOn(params.end_date);
    const timed = flows.map(({ date, amount }) => ({ day: daysBetween(start, date), amount }));
    const growth = priceOn(params.end_date) / priceOn(start);
    return {
      shares,
      end_value: endValue,
      xirr: internalRateOfReturn(timed, endValue, days),
      twr: growth - 1,
      twr_annual: growth ** (365 / days) - 1,
      modified_dietz: modifiedDietz(timed, endValue, days),
      days,
    };
  },
});

export const kinds = [returns];
