/** Portfolios: target weights for the next rebalance, checked against their constraints, and the trades that lead there. */
import { z } from 'zod';
import { constraintsSchema } from '#quant/optimizers/constraints';
import { operation } from './operation';
import { idField, instantField, pageInput, refField } from './fields';

export const constraintCheckSchema = z
  .object({
    constraint: z.string(),
    limit: z.number().nullable(),
    value: z.number(),
    slack: z.number().nullable(),
    satisfied: z.boolean(),
    note: z.string(),
  })
  .meta({ id: 'ConstraintCheck' });

export const portfolioSchema = z
  .object({
    id: idField,
    run: idField,
    runName: z.string(),
    strategy: z.string(),
    createdAt: instantField,
    /** Last close the weights know. */
    decidedOn: z.string(),
    /** First trading day on which they can be filled. */
    fillOn: z.string(),
    constraints: constraintsSchema,
    checks: z.array(constraintCheckSchema),
    cash: z.number(),
    weights: z.array(
      z.object({
        asset: z.string(),
        sector: z.string(),
        weight: z.number(),
        forecast: z.number().nullable(),
        price: z.number(),
        lower: z.number(),
        upper: z.number(),
      }),
    ),
  })
  .meta({ id: 'Portfolio' });
export type Portfolio = z.infer<typeof portfolioSchema>;

export const holdingSchema = z.strictObject({
  asset: z.string().min(1).max(64),
  shares: z.number(),
});

export const tradeSchema = z
  .object({
    asset: z.string(),
    side: z.enum(['buy', 'sell']),
    shares: z.number(),
    price: z.number(),
    notional: z.number(),
    currentWeight: z.number(),
    targetWeight: z.number(),
    cost: z.number(),
  })
  .meta({ id: 'Trade' });

export const portfolios = {
  list: operation({
    method: 'GET',
    path: '/portfolios',
    summary: 'Portfolios, newest first',
    sensitive: true,
    input: z.strictObject(pageInput),
    output: z.object({
      portfolios: z.array(
        portfolioSchema.pick({
          id: true,
          run: true,
          runName: true,
          strategy: true,
          createdAt: true,
          decidedOn: true,
          fillOn: true,
        }),
      ),
      total: z.number().int(),
    }),
  }),
  show: operation({
    method: 'GET',
    path: '/portfolios/{portfolio}',
    summary: 'Target weights for the next rebalance with their constraint check',
    sensitive: true,
    positional: ['portfolio'],
    input: z.strictObject({ portfolio: refField }),
    output: portfolioSchema,
  }),
  trades: operation({
    method: 'POST',
    path: '/portfolios/{portfolio}/trades',
    summary: 'Trades from current holdings to the target weights',
    sensitive: true,
    positional: ['portfolio'],
    input: z.strictObject({
      portfolio: refField,
      holdings: z.array(holdingSchema).max(20_000).default([]).meta({ title: 'Current holdings' }),
      cash: z.number().default(0).meta({ title: 'Cash', unit: 'currency' }),
      lot: z.number().gt(0).default(1).meta({ title: 'Lot', unit: 'shares' }),
    }),
    output: z.object({
      trades: z.array(tradeSchema),
      netAssetValue: z.number(),
      turnover: z.number(),
      cost: z.number(),
      cashAfter: z.number(),
      unknown: z
        .array(z.string())
        .meta({ description: 'Held assets without a price in the dataset; they are not traded.' }),
    }),
  }),
  export: operation({
    method: 'GET',
    path: '/portfolios/{portfolio}/export',
    summary: 'The weights as CSV, safe to open in a spreadsheet',
    scope: 'export',
    positional: ['portfolio'],
    input: z.strictObject({ portfolio: refField }),
    output: z.object({ filename: z.string(), mediaType: z.literal('text/csv'), text: z.string() }),
  }),
};
