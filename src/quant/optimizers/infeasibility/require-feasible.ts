/**
 * Constraints that conflict, explained: an irreducible set of them (taking any one out leaves a portfolio), and for each the
 * smallest change that alone would work. Found by a deletion filter (Chinneck, Dravnieks 1991) over an exact feasibility check.
 */
import { AppError } from '#base/errors';
import type { Constraints } from '../constraints';
import { buildFeasibleSet, restrictTo, type FeasibleSet } from '../feasible-set';
import { percent, roundUp } from '../percent';
import type { Stated } from '../stated-bounds';
import { budgetRange, hasPortfolio, neededTurnover } from './feasibility';
import { statementsOf, type Statement } from './statements';

export interface Conflict {
  /** Irreducible; ids of statements, `cash` (the budget) last where it takes part. */
  readonly constraints: readonly string[];
  readonly words: readonly string[];
  /** Smallest value that alone resolves the conflict, by id; absent where no value does. */
  readonly relaxation: Readonly<Record<string, number>>;
  readonly remedies: readonly string[];
}

/** Errors: INFEASIBLE explaining the conflict; INVALID_CONFIG for a smallest position with short sales. */
export function requireFeasible(set: FeasibleSet, holdings: number = set.n): void {
  const { longOnly, minPosition } = set.constraints;
  if (minPosition !== undefined && !longOnly) {
    throw new AppError(
      'INVALID_CONFIG',
      'Expected long-only weights with a smallest position, found both a smallest position and short sales. Turn long only on or take the smallest position out.',
    );
  }
  if (hasPortfolio(set, holdings)) return;
  const conflict = explainConflict(set);
  throw new AppError(
    'INFEASIBLE',
    `${leadOf(set, conflict, holdings)} These cannot all hold: ${conflict.words.join('; ')}. ` +
      (conflict.remedies.length === 0
        ? 'No single change resolves it: loosen several.'
        : `To resolve it, ${conflict.remedies.join(', or ')}.`),
    { data: { constraints: conflict.constraints, relaxation: conflict.relaxation } },
  );
}

/** The conflict of a set without a portfolio. */
export function explainConflict(set: FeasibleSet): Conflict {
  const { constraints, stated } = set;
  if (stated === undefined) {
    return { constraints: ['bounds', 'cash'], words: ['the bounds', 'the budget'], relaxation: {}, remedies: [] };
  }
  const possible = (candidate: Constraints): boolean => isPossible(set, stated, candidate);
  const kept: Statement[] = [];
  let current = constraints;
  for (const { id } of statementsOf(constraints, set.n)) {
    // Read again from what is left: a statement knows how to leave only the constraints that it was read from.
    const statement = statementsOf(current, set.n).find((candidate) => candidate.id === id);
    if (statement === undefined) continue;
    if (possible(statement.without)) kept.push(statement);
    else current = statement.without;
  }
  const relaxation: Record<string, number> = {};
  const remedies: string[] = [];
  const all = new Map(statementsOf(constraints, set.n).map((statement) => [statement.id, statement]));
  for (const { id } of kept.toReversed()) {
    const loosen = all.get(id)?.loosen;
    const value =
      loosen === undefined
        ? undefined
        : smallestChange(loosen.from, loosen.to, loosen.whole === true, (v) => possible(loosen.at(v)));
    if (loosen === undefined || value === undefined) continue;
    relaxation[id] = value;
    remedies.push(loosen.words(value));
  }
  // Without a conflict among the bounds themselves, it takes the budget to make one.
  const cashMatters = budgetRange(buildFeasibleSet({ ...stated, constraints: current })) !== undefined;
  const goal = [0.999999, 0].find((cash) => possible({ ...constraints, cash }));
  const cash =
    goal === undefined
      ? undefined
      : smallestChange(constraints.cash, goal, false, (v) => possible({ ...constraints, cash: v }));
  if (cash !== undefined && goal !== undefined) {
    relaxation['cash'] = cash;
    remedies.push(goal > 0 ? `keep at least ${percent(cash)} cash` : `keep at most ${percent(cash)} cash`);
  }
  const ordered = kept.toReversed();
  return {
    constraints: [...ordered.map(({ id }) => id), ...(cashMatters ? ['cash'] : [])],
    words: [
      ...ordered.map(({ words }) => words),
      ...(cashMatters ? [`weights that sum to ${percent(set.budget)}`] : []),
    ],
    relaxation,
    remedies,
  };
}

function isPossible(set: FeasibleSet, stated: Stated, candidate: Constraints): boolean {
  const whole = buildFeasibleSet({ ...stated, constraints: candidate });
  // A choice of holdings follows from the holdings limit and the smallest position: loosening either makes it free again.
  const sameChoice =
    candidate.maxHoldings === set.constraints.maxHoldings && candidate.minPosition === set.constraints.minPosition;
  if (set.kept !== undefined && sameChoice) return hasPortfolio(restrictTo(whole, set.kept));
  return hasPortfolio(whole, candidate.maxHoldings ?? set.n);
}

/** The value between `from` (impossible) and `to` nearest to `from` that is possible, rounded toward `to` to what is printed. */
function smallestChange(
  from: number,
  to: number,
  whole: boolean,
  possible: (value: number) => boolean,
): number | undefined {
  if (from === to || !possible(to)) return undefined;
  let [near, far] = [from, to];
  if (whole) {
    while (far - near > 1) {
      const middle = Math.floor((near + far) / 2);
      if (possible(middle)) far = middle;
      else near = middle;
    }
    return far;
  }
  for (let step = 0; step < 60; step++) {
    const middle = (near + far) / 2;
    if (possible(middle)) far = middle;
    else near = middle;
  }
  const rounded = to > from ? Math.min(roundUp(far), to) : Math.max(-roundUp(-far), to);
  return possible(rounded) ? rounded : far;
}

/** The conflict in numbers, where one sentence can say it. */
function leadOf(set: FeasibleSet, { constraints }: Conflict, holdings: number): string {
  const { budget, upper, turnover } = set;
  if (constraints.includes('turnoverLimit') && turnover !== undefined) {
    return (
      'Turnover limit and the other constraints conflict: moving the current weights inside the bounds, sector caps, holdings and budget ' +
      `takes a one-way turnover of ${percent(neededTurnover(set))} > ${percent(turnover.limit)}.`
    );
  }
  const { maxWeight } = set.constraints;
  const usable = Math.min(holdings, upper.filter((bound) => bound > 0).length);
  if (usable * maxWeight < budget) {
    return `Largest weight and budget conflict: ${usable} assets × ${percent(maxWeight)} = ${percent(usable * maxWeight)} < ${percent(budget)}.`;
  }
  const range = budgetRange(set);
  if (range === undefined) return 'Constraints conflict before the budget is even looked at.';
  if (range.most < budget) {
    const caps = set.sectors.map(({ name, cap }) => `${name} ${percent(cap)}`).join(', ');
    return `Caps and budget conflict: together they allow ${percent(range.most)} < ${percent(budget)}${caps === '' ? '' : ` (${caps})`}.`;
  }
  if (range.least > budget)
    return `Floors and budget conflict: together they need ${percent(range.least)} > ${percent(budget)}.`;
  return 'Constraints and the choice of holdings conflict.';
}
