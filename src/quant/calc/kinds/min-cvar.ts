/** Calculation kind `optimize.min_cvar`: the portfolio with the least conditional value at risk. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { dot } from '#quant/array/linalg';
import { feasiblePoint } from '#quant/optimizers/feasible-set';
import { minimizeCvar } from '#quant/optimizers/min-cvar/cvar-program';
import { setRows } from '#quant/optimizers/quadratic/portfolio-program';
import type { LinearRow } from '#quant/optimizers/quadratic/program';
import { percent } from '#quant/optimizers/percent';
import { calcKind, type CalcKind } from '../kind';
import {
  boundsShape,
  describePortfolio,
  MARKET_INPUTS,
  MARKET_RECIPE,
  marketShape,
  readBounds,
  readMarket,
  requireMu,
} from '../portfolio-input';
import { requireComplete } from '../price-input';

const params = z.strictObject({
  ...marketShape,
  ...boundsShape,
  beta: z.number().gt(0).lt(1).default(0.95).meta({ title: 'Confidence' }),
  min_annual_return: z.number().nullable().default(null),
});

export const kinds: readonly CalcKind[] = [
  calcKind({
    id: 'optimize.min_cvar',
    summary: 'Least conditional value at risk of daily returns.',
    recipe:
      MARKET_RECIPE +
      'Rockafellar–Uryasev on the returns of single days (loss = −wᵀr_t): min α + 1/((1−beta)T) Σ max(loss_t − α, 0) subject to bounds, sum, group caps and wᵀmu ≥ min_annual_return.',
    inputs: MARKET_INPUTS,
    params,
    run: (inputs, chosen) => {
      const market = readMarket(inputs, chosen);
      if (market.table === undefined)
        throw new AppError('BAD_REQUEST', 'Expected prices for minimum CVaR, found a matrix.');
      const { X, T, N } = requireComplete(market.table);
      const mu = requireMu(market);
      const set = readBounds(market, chosen);
      const start = feasiblePoint(
        set,
        mu.map((value) => -value),
      );
      const target = chosen.min_annual_return;
      const most = dot(mu, 0, start, 0, N);
      if (target !== null && target > most) {
        throw new AppError(
          'INFEASIBLE',
          `Least return and bounds conflict: portfolios within them return at most ${percent(most)}, the target is ${percent(target)}.`,
          { data: { constraints: ['min_annual_return', 'bounds'], relaxation: { min_annual_return: most } } },
        );
      }
      const floor: LinearRow[] =
        target === null
          ? []
          : [{ name: 'least return', kind: 'at-most', coefficients: mu.map((value) => -value), bound: -target }];
      const { weights, cvar } = minimizeCvar(
        {
          returns: X,
          T,
          n: N,
          confidence: chosen.beta,
          lower: set.lower,
          upper: set.upper,
          rows: [...setRows(set), ...floor],
        },
        start,
      );
      return { ...describePortfolio(market, weights), cvar_daily: cvar };
    },
  }),
];
