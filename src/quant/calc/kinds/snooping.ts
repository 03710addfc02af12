/** `inference.*` about families of strategies or tests: data snooping, overfitting and adjusted p-values. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { dataSnooping } from '#quant/inference/data-snooping';
import {
  benjaminiHochberg,
  benjaminiYekutieli,
  bonferroni,
  hochberg,
  holm,
  storeyNullShare,
} from '#quant/inference/multiple-testing';
import { overfittingProbability } from '#quant/inference/overfitting';
import { calcKind } from '../kind';
import { readBootstrapIndices } from '../resamples';
import { readSeries } from '../series';
import { byName, numericColumn, readTable, readWidePrices, requireInput } from '../tables';

const snooping = calcKind({
  id: 'inference.data_snooping',
  summary: 'White Reality Check, Hansen SPA and Romano-Wolf StepM under supplied bootstrap indices.',
  recipe:
    'n rows, K strategies, m_k mean differential, m*_bk bootstrap means using the supplied index rows. omega_k=sqrt(mean_b(n (m*_bk-m_k)^2)). ' +
    'White RC: V=max_k sqrt(n) m_k; p=share of b with max_k sqrt(n)(m*_bk-m_k) > V. Hansen SPA: T=max(0,max_k sqrt(n)m_k/omega_k); recentring ' +
    'g: lower max(m_k,0), consistent m_k*1{m_k>=-sqrt(omega_k^2/n*2 ln ln n)}, upper m_k. StepM: studentised with omega_k, critical value = ' +
    'the ceil((1-alpha)B)-th smallest of max_k over the still-active set, repeat until nothing is rejected.',
  inputs: {
    differentials: 'CSV: date and one column of strategy minus benchmark returns per strategy',
    bootstrap_indices: 'CSV: header, then one resample of 0-based row positions per line',
  },
  params: z.strictObject({
    alpha_stepm: z.number().gt(0).lt(1).default(0.1).meta({ title: 'Level of StepM' }),
    B: z.int().gte(2).optional().meta({ title: 'Resamples used', description: 'Default: all lines.' }),
  }),
  run: (inputs, params) => {
    const input = requireInput(inputs, 'differentials');
    const names = readWidePrices(input).assets;
    const { dates, columns } = readSeries(input, names);
    const resamples = readBootstrapIndices(requireInput(inputs, 'bootstrap_indices'), dates.length).slice(0, params.B);
    const K = names.length;
    const n = dates.length;
    const differentials = new Float64Array(n * K);
    columns.forEach((column, k) => {
      column.forEach((value, t) => {
        differentials[t * K + k] = value;
      });
    });
    const indices = new Uint32Array(resamples.length * n);
    resamples.forEach((rows, b) => {
      indices.set(rows, b * n);
    });
    const result = dataSnooping({
      differentials,
      strategies: K,
      indices,
      replications: resamples.length,
      alpha: params.alpha_stepm,
    });
    const spa = result.superiorPredictiveAbility;
    return {
      rc_statistic: result.realityCheck.statistic,
      rc_p: result.realityCheck.p,
      omega: byName(names, result.omega),
      spa_statistic: spa.statistic,
      spa_p_lower: spa.pLower,
      spa_p_consistent: spa.pConsistent,
      spa_p_upper: spa.pUpper,
      stepm_first_critical: result.stepM.firstCritical,
      stepm_rejected: result.stepM.rejected.map((k) => names[k]),
    };
  },
});

const overfitting = calcKind({
  id: 'inference.pbo_cscv',
  summary: 'Probability of backtest overfitting by combinatorially symmetric cross-validation.',
  recipe:
    'CSCV (Bailey, Borwein, Lopez de Prado, Zhu): keep the first floor(T/S)*S rows, S equal contiguous blocks, all C(S,S/2) in-sample ' +
    'combinations, metric = mean/std(ddof=1) per column; n*=argmax IS; omega=rank of n* among OOS metrics (1=worst)/(N+1); ' +
    'logit=ln(omega/(1-omega)); PBO=share of logit<=0. degradation = OLS of OOS metric of n* on its IS metric; prob_oos_loss=share of OOS ' +
    'metric<0.',
  inputs: { strategy_returns: 'CSV: date and one column of returns per strategy' },
  params: z.strictObject({ n_blocks: z.int().gte(2).default(16).meta({ title: 'Blocks' }) }),
  run: (inputs, params) => {
    const frame = readWidePrices(requireInput(inputs, 'strategy_returns'));
    if (frame.values.some(Number.isNaN)) {
      throw new AppError(
        'INVALID_DATA',
        'Expected returns on every date, found a missing one. Remove those dates first.',
      );
    }
    const result = overfittingProbability(frame.values, frame.assets.length, params.n_blocks);
    return {
      pbo: result.pbo,
      n_combinations: result.combinations,
      logit_mean: result.logitMean,
      logit_median: result.logitMedian,
      degradation_slope: result.slope,
      degradation_intercept: result.intercept,
      prob_oos_loss: result.lossProbability,
    };
  },
});

const STOREY_LAMBDA = 0.5;

const multipleTesting = calcKind({
  id: 'inference.multiple_testing',
  summary: 'Adjusted p-values: Bonferroni, Holm, Hochberg, Benjamini-Hochberg, Benjamini-Yekutieli.',
  recipe:
    'Adjusted p-values (capped at 1): bonferroni m p; holm step-down; simes-hochberg = Hochberg step-up (m-i+1)p with cumulative min from ' +
    'the largest; fdr_bh; fdr_by with c(m)=sum 1/i. Rejected = adjusted <= alpha. storey pi0=min(1, #{p>lambda}/((1-lambda) m)).',
  inputs: { p_values: 'CSV: hypothesis,p' },
  params: z.strictObject({ alpha: z.number().gt(0).lt(1).default(0.05).meta({ title: 'Level' }) }),
  run: (inputs, params) => {
    const table = readTable(requireInput(inputs, 'p_values'));
    const names = table.cells[0];
    const p = numericColumn(table, 'p');
    const family = (adjust: (p: Float64Array) => Float64Array) => {
      const adjusted = adjust(p);
      return {
        adjusted: byName(names, adjusted),
        [`n_rejected_${params.alpha}`]: adjusted.filter((value) => value <= params.alpha).length,
      };
    };
    return {
      bonferroni: family(bonferroni),
      holm: family(holm),
      'simes-hochberg': family(hochberg),
      fdr_bh: family(benjaminiHochberg),
      fdr_by: family(benjaminiYekutieli),
      [`storey_pi0_lambda${STOREY_LAMBDA}`]: storeyNullShare(p, STOREY_LAMBDA),
    };
  },
});

export const kinds = [snooping, overfitting, multipleTesting];
