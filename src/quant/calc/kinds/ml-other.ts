/** `ml.logistic`, `ml.knn`, `ml.univariate_ic`, `ml.pca`. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { correlation, mean, rankAverage } from '#quant/array/stats';
import { sampleCovariance } from '#quant/covariance/moments';
import { classificationScores } from '#quant/learning/classification-scores';
import { absorptionRatio, participationRatio, principalComponents } from '#quant/learning/principal-components';
import { fitLogistic, logisticProbabilities } from '#quant/models/logistic';
import { nearestNeighborMeans } from '#quant/models/nearest-neighbors';
import { calcKind } from '../kind';
import { PRICES_INPUT, readReturns, requireComplete } from '../price-input';
import { FEATURES_INPUT, readSplit, SPLIT_RECIPE, splitParams, testBlock } from '../supervised-input';
import { byName } from '../tables';

const isUp = (y: Float64Array) => Uint8Array.from(y, (target) => (target > 0 ? 1 : 0));

const logistic = calcKind({
  id: 'ml.logistic',
  summary: 'Probability that one asset rises, by logistic regression.',
  recipe:
    `${SPLIT_RECIPE}label = target>0. min 0.5||w||^2 + C*sum log-loss (natural log), intercept unpenalized. ` +
    'Metrics on the test set; class threshold 0.5.',
  inputs: { features: FEATURES_INPUT },
  params: z.strictObject({ ...splitParams, C: z.number().gt(0).default(1).meta({ title: 'Inverse penalty' }) }),
  run: (inputs, params) => {
    const { names, train, test } = readSplit(inputs, params);
    const fitted = fitLogistic(train.X, isUp(train.y), names.length, params.C);
    const probabilities = logisticProbabilities(fitted, test.X);
    const scores = classificationScores(isUp(test.y), probabilities, 0.5);
    return {
      intercept: fitted.intercept,
      coef: byName(names, fitted.coefficients),
      test: {
        auc: scores.auc,
        log_loss: scores.logLoss,
        brier: scores.brier,
        accuracy: scores.accuracy,
        mcc: scores.mcc,
        f1: scores.f1,
        prob_first5: Array.from(probabilities.subarray(0, 5)),
      },
    };
  },
});

const knn = calcKind({
  id: 'ml.knn',
  summary: 'Nearest-neighbor forecast of one asset.',
  recipe: `${SPLIT_RECIPE}k nearest neighbors, Euclidean, uniform weights, mean of the neighbors' targets.`,
  inputs: { features: FEATURES_INPUT },
  params: z.strictObject({ ...splitParams, k: z.int().gte(1).meta({ title: 'Neighbors' }) }),
  run: (inputs, params) => {
    const { names, train, test } = readSplit(inputs, params);
    if (params.k > train.y.length) {
      throw new AppError('NOT_ENOUGH_DATA', `Expected at least ${params.k} training rows, found ${train.y.length}.`);
    }
    const forecast = nearestNeighborMeans(train.X, train.y, test.X, names.length, params.k);
    return { test: testBlock(test.y, forecast) };
  },
});

const univariateIc = calcKind({
  id: 'ml.univariate_ic',
  summary: 'Correlation of every feature with the target over the training rows.',
  recipe: 'Over the training rows: Pearson and Spearman correlation of every feature with the target.',
  inputs: { features: FEATURES_INPUT },
  params: z.strictObject(splitParams),
  run: (inputs, params) => {
    const { names, train } = readSplit(inputs, params);
    const K = names.length;
    const columns = names.map((_, k) => train.y.map((_y, row) => train.X[row * K + k]));
    const targetRanks = rankAverage(train.y);
    return {
      pearson: byName(
        names,
        columns.map((column) => correlation(column, train.y)),
      ),
      spearman: byName(
        names,
        columns.map((column) => correlation(rankAverage(column), targetRanks)),
      ),
    };
  },
});

const SHOWN_EIGENVALUES = 10;

const pca = calcKind({
  id: 'ml.pca',
  summary: 'Principal components of daily returns.',
  recipe:
    'PCA of daily simple returns via the eigen-decomposition of the (ddof=1) covariance or correlation matrix; eigenvalues descending; ' +
    'every eigenvector has unit length and is signed so that its largest-magnitude loading is positive; scores = centered (correlation: ' +
    'also divided by std ddof=1) returns times loadings (first row shown). participation_ratio=(sum l)^2/sum l^2.',
  inputs: { prices: PRICES_INPUT },
  params: z.strictObject({
    matrix: z.enum(['covariance', 'correlation']).default('covariance').meta({ title: 'Matrix' }),
    components: z.int().gte(1).default(5).meta({ title: 'Components' }),
  }),
  run: (inputs, { matrix, components }) => {
    const { X, T, N, assets } = requireComplete(readReturns(inputs));
    const covariance = sampleCovariance(X, T, N);
    const deviation = assets.map((_, j) => (matrix === 'correlation' ? Math.sqrt(covariance[j * N + j]) : 1));
    const scaled = covariance.map((value, at) => value / (deviation[Math.floor(at / N)] * deviation[at % N]));
    const { eigenvalues, loadings } = principalComponents(scaled, N);
    const total = eigenvalues.reduce((a, b) => a + b, 0);
    const centers = assets.map((_, j) => mean(Float64Array.from({ length: T }, (_row, t) => X[t * N + j])));
    const shown = Math.min(components, N);
    const rows = Array.from({ length: shown }, (_, k) => loadings.subarray(k * N, (k + 1) * N));
    return {
      eigenvalues: Array.from(eigenvalues.subarray(0, SHOWN_EIGENVALUES)),
      explained_ratio: Array.from(eigenvalues.subarray(0, SHOWN_EIGENVALUES), (value) => value / total),
      loadings: rows.map((row) => byName(assets, row)),
      scores_first_row: rows.map((row) =>
        row.reduce((sum, loading, j) => sum + (loading * (X[j] - centers[j])) / deviation[j], 0),
      ),
      participation_ratio: participationRatio(eigenvalues),
      absorption_ratio_top20pct: absorptionRatio(eigenvalues, 0.2),
    };
  },
});

export const kinds = [logistic, knn, univariateIc, pca];
