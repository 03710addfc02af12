/** The risk of one strategy of a run, as `runs risk` answers it. Fractions of net asset value per day unless said otherwise. */
import { z } from 'zod';
import { RISK_MODEL_IDS } from '#quant/risk/registry';
import { measureSchema } from './fields';

const model = z.enum(RISK_MODEL_IDS).meta({ title: 'Risk model' });
const daily = z.number().meta({ unit: 'fraction per day' });
const numbers = z.array(z.number());
const named = z.array(z.object({ name: z.string(), contribution: z.number() }));

const contributionSchema = z
  .object({ name: z.string(), weight: z.number(), volatility: daily, valueAtRisk: daily, shortfall: daily })
  .meta({ id: 'RiskContribution' });

const portfolioRiskSchema = z
  .object({
    date: z.string(),
    days: z.number().int().meta({ description: 'Days with a return of everything held.' }),
    level: z.number(),
    total: contributionSchema.omit({ name: true }),
    assets: z.array(contributionSchema.extend({ sector: z.string() })),
    sectors: z.array(contributionSchema),
    factors: z.array(contributionSchema),
    effectiveBets: measureSchema,
  })
  .meta({ id: 'PortfolioRisk' });

const exposuresSchema = z
  .object({
    dates: z.array(z.string()),
    gross: numbers,
    net: numbers,
    holdings: numbers,
    effectiveHoldings: numbers.meta({ description: '1 / Herfindahl index.' }),
    herfindahl: numbers,
    topTen: numbers.meta({ description: 'Share of the gross in the ten largest.' }),
    beta: z.array(z.number().nullable()),
    effectiveBets: z.array(z.number().nullable()),
    sectors: z.array(z.object({ name: z.string(), weights: numbers })),
  })
  .meta({ id: 'ExposureHistory' });

const stressSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    from: z.string(),
    to: z.string(),
    return: z.number(),
    worst: z.number().meta({ description: 'Lowest value on the way.' }),
    covered: z.number().meta({ description: 'Share of the portfolio with a price at the start.' }),
    benchmark: z.number().nullable(),
    assets: named,
    others: z.number(),
  })
  .meta({ id: 'StressWindow' });

const drawdownSchema = z
  .object({
    peak: z.string(),
    trough: z.string(),
    recovery: z.string().nullable(),
    depth: z.number(),
    assets: named,
    others: z.number(),
    sectors: named,
    residual: z.number().meta({ description: 'Costs, cash and what holdings do not explain.' }),
  })
  .meta({ id: 'DrawdownAnatomy' });

export const riskReportSchema = z
  .object({
    strategy: z.string(),
    benchmark: z.string().nullable(),
    from: z.string(),
    to: z.string(),
    window: z.number().int().meta({ unit: 'days' }),
    tails: z.array(
      z.object({
        model,
        title: z.string(),
        level: z.number(),
        strategyVar: daily.nullable(),
        strategyShortfall: daily.nullable(),
        portfolioVar: daily.nullable(),
        portfolioShortfall: daily.nullable(),
        reason: z.string().nullable().meta({ description: 'Why a number is null.' }),
      }),
    ),
    coverage: z.array(
      z.object({
        model,
        level: z.number(),
        days: z.number().int(),
        exceptions: z.number().int(),
        expected: z.number(),
        coverageP: z.number(),
        independenceP: z.number(),
        shortfallStatistic: z
          .number()
          .nullable()
          .meta({ description: 'Acerbi-Székely Z₂: 0 expected, below about −0.7 rejects.' }),
        verdict: z.string(),
      }),
    ),
    portfolio: portfolioRiskSchema.nullable(),
    portfolioReason: z.string().nullable().meta({ description: 'Why there is no portfolio.' }),
    exposures: exposuresSchema,
    stress: z.array(stressSchema),
    skipped: z.array(z.object({ id: z.string(), title: z.string(), reason: z.string() })),
    drawdowns: z.array(drawdownSchema),
  })
  .meta({ id: 'RiskReport' });
