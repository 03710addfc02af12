/** `attribution.brinson_linked`: Brinson-Fachler over many periods, linked so that the effects add up. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { brinsonFachler } from '#quant/attribution/brinson';
import { LINKING_METHODS, linkBrinson } from '#quant/attribution/linking';
import { calcKind, type CalcKind } from '../kind';

const period = z.strictObject({
  portfolio: z.record(z.string(), z.number()).meta({ description: 'Weight at the start by group or asset; sum 1.' }),
  benchmark: z.record(z.string(), z.number()),
  returns: z.record(z.string(), z.number()).meta({ description: 'Simple return over the period by group or asset.' }),
});

export const kinds: readonly CalcKind[] = [
  calcKind({
    id: 'attribution.brinson_linked',
    summary: 'Multi-period Brinson-Fachler attribution whose effects add up to the compounded active return.',
    recipe:
      'Single-period Brinson-Fachler times one coefficient per period: carino (ln(1+R_t) − ln(1+B_t))/(R_t − B_t) over the same of the totals; ' +
      'menchero M + a_t (optimized, Menchero 2000); grap ∏_{s<t}(1+R_s) ∏_{s>t}(1+B_s).',
    inputs: {},
    params: z.strictObject({
      periods: z.array(period).min(1).meta({ title: 'Periods in order of time' }),
      groups: z.record(z.string(), z.string()).default({}).meta({ description: 'Group of each asset; itself else.' }),
      method: z.enum(LINKING_METHODS).default('carino').meta({ title: 'Linking' }),
    }),
    run: (_inputs, params) => {
      const single = params.periods.map(({ portfolio, benchmark, returns }) => {
        const names = Object.keys(returns);
        const unknown = [...Object.keys(portfolio), ...Object.keys(benchmark)].find(
          (name) => !Object.hasOwn(returns, name),
        );
        if (unknown !== undefined) {
          throw new AppError(
            'BAD_REQUEST',
            `Expected a return of everything with a weight, found none of "${unknown}".`,
          );
        }
        const column = (values: Readonly<Record<string, number>>) =>
          Float64Array.from(names, (name) => (Object.hasOwn(values, name) ? values[name] : 0));
        return brinsonFachler(
          column(portfolio),
          column(benchmark),
          column(returns),
          names.map((name) => params.groups[name] ?? name),
        );
      });
      const linked = linkBrinson(single, params.method);
      return {
        groups: Object.fromEntries(linked.groups),
        totals: linked.totals,
        portfolio_return: linked.portfolioReturn,
        benchmark_return: linked.benchmarkReturn,
        active_return: linked.activeReturn,
        coefficients: linked.coefficients,
      };
    },
  }),
];
