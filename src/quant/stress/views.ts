/**
 * Views on a market in the user's terms, and their translation to linear conditions on scenario probabilities
 * (Meucci 2008, Fully flexible views, §3): means, volatilities, correlations, rankings and tails.
 */
import { AppError } from '#base/errors';

export type View =
  | { readonly kind: 'mean'; readonly asset: number; readonly relation: Relation; readonly value: number }
  | { readonly kind: 'volatility'; readonly asset: number; readonly value: number }
  | { readonly kind: 'correlation'; readonly assets: readonly [number, number]; readonly value: number }
  /** Means in descending order. */
  | { readonly kind: 'ranking'; readonly assets: readonly number[] }
  /** P(r ≤ threshold) = probability. */
  | { readonly kind: 'tail'; readonly asset: number; readonly threshold: number; readonly probability: number };

export type Relation = 'equal' | 'at-least' | 'at-most';

/** E_p[values] = bound, or ≤ bound. */
export interface Condition {
  readonly view: View;
  readonly kind: 'equal' | 'at-most';
  /** One value per scenario, length T. */
  readonly values: Float64Array;
  readonly bound: number;
}

/** First and second moments that later views hold fixed. */
export interface ReferenceMoments {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

/**
 * Views are imposed in three steps: means, rankings and tails first, then volatilities, then correlations, since a volatility is
 * linear in probabilities only around a known mean, and a correlation only around known means and volatilities.
 */
export function stepOf(view: View): 0 | 1 | 2 {
  if (view.kind === 'volatility') return 1;
  return view.kind === 'correlation' ? 2 : 0;
}

/** Errors: BAD_REQUEST naming what is wrong with the view. */
export function checkView(view: View, N: number): void {
  const assets = 'assets' in view ? view.assets : [view.asset];
  const unknown = assets.find((asset) => !(Number.isInteger(asset) && asset >= 0 && asset < N));
  if (unknown !== undefined) throw bad(`assets 0 … ${N - 1}`, `${unknown}`);
  if (view.kind === 'volatility' && !(view.value > 0)) throw bad('a volatility above 0', `${view.value}`);
  if (view.kind === 'correlation' && !(Math.abs(view.value) < 1)) {
    throw bad('a correlation between −1 and 1', `${view.value}`);
  }
  if (view.kind === 'tail' && !(view.probability > 0 && view.probability < 1)) {
    throw bad('a probability between 0 and 1', `${view.probability}`);
  }
  if (assets.length > 1 && new Set(assets).size < assets.length) throw bad('different assets', assets.join(', '));
  if (view.kind === 'ranking' && assets.length < 2) throw bad('at least two assets in a ranking', `${assets.length}`);
  if (view.kind === 'mean' && !Number.isFinite(view.value)) throw bad('a finite mean', `${view.value}`);
}

function bad(expected: string, found: string): AppError {
  return new AppError('BAD_REQUEST', `Expected ${expected} in a view, found ${found}.`);
}

/** X [T, N] → conditions of one view; `fixed` are the moments after the earlier step. */
export function conditionsOf(view: View, X: Float64Array, T: number, N: number, fixed: ReferenceMoments): Condition[] {
  const column = (asset: number) => Float64Array.from({ length: T }, (_, t) => X[t * N + asset]);
  const { means, deviations } = fixed;
  switch (view.kind) {
    case 'mean': {
      const x = column(view.asset);
      if (view.relation === 'at-least') {
        return [{ view, kind: 'at-most', values: x.map((value) => -value), bound: -view.value }];
      }
      return [{ view, kind: view.relation === 'equal' ? 'equal' : 'at-most', values: x, bound: view.value }];
    }
    case 'ranking':
      return view.assets.slice(1).map((lower, at) => {
        const upper = column(view.assets[at]);
        return { view, kind: 'at-most', values: column(lower).map((value, t) => value - upper[t]), bound: 0 };
      });
    case 'tail':
      return [
        {
          view,
          kind: 'equal',
          values: column(view.asset).map((value) => (value <= view.threshold ? 1 : 0)),
          bound: view.probability,
        },
      ];
    case 'volatility': {
      const mu = means[view.asset];
      return [
        meanFixed(view, column(view.asset), mu),
        {
          view,
          kind: 'equal',
          values: column(view.asset).map((value) => (value - mu) ** 2),
          bound: view.value ** 2,
        },
      ];
    }
    case 'correlation': {
      const [a, b] = view.assets;
      const [x, y] = [column(a), column(b)];
      const deviation = (values: Float64Array, asset: number): Condition => ({
        view,
        kind: 'equal',
        values: values.map((value) => (value - means[asset]) ** 2),
        bound: deviations[asset] ** 2,
      });
      return [
        meanFixed(view, x, means[a]),
        meanFixed(view, y, means[b]),
        deviation(x, a),
        deviation(y, b),
        {
          view,
          kind: 'equal',
          values: x.map((value, t) => (value - means[a]) * (y[t] - means[b])),
          bound: view.value * deviations[a] * deviations[b],
        },
      ];
    }
  }
}

function meanFixed(view: View, values: Float64Array, mu: number): Condition {
  return { view, kind: 'equal', values, bound: mu };
}
