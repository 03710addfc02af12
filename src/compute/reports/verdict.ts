/** The sentence above everything, in the language of the report, from the numbers that the run stored. */
import type { Tone } from './model';
import { primaryOf, type Draft } from './drafting';
import type { RunFacts } from './facts';

export function verdictText(draft: Draft, facts: RunFacts): string {
  const { say, numbers } = draft;
  const primary = primaryOf(facts);
  const sharpe = draft.measure(primary.metrics['sharpe'], 'decimal', 'sharpe');
  if (sharpe.value === null) {
    return say('{name} has no Sharpe ratio: {reason}', {
      name: primary.name,
      reason: sharpe.reason ?? say('Not stored.'),
    });
  }
  const interval = numbers.interval(sharpe) === '' ? '' : ` (${numbers.interval(sharpe)})`;
  const parts = facts.run.comparisons
    .filter(({ strategy }) => strategy === primary.name)
    .map(({ against, sharpeDifference, pValue, distinguishable }) => {
      const { value } = sharpeDifference;
      if (value === null || pValue === null) return say('not comparable with {name}', { name: against });
      const proof = `(${numbers.signed(value, 'decimal')}, p = ${numbers.text(pValue, 'probability')})`;
      if (distinguishable !== true) return say('not distinguishable from {name} {proof}', { name: against, proof });
      return value > 0
        ? say('better than {name} {proof}', { name: against, proof })
        : say('worse than {name} {proof}', { name: against, proof });
    });
  const head = say('{name}: Sharpe ratio {value} a year{interval}', {
    name: primary.name,
    value: numbers.text(sharpe.value, 'decimal'),
    interval,
  });
  return `${[head, parts.join(say(' and '))].filter((part) => part !== '').join(', ')}.`;
}

export function verdictTone(facts: RunFacts): Tone {
  const { headline, comparisons } = facts.run;
  if (headline?.distinguishable !== true) return 'quiet';
  const primary = primaryOf(facts).name;
  const difference = comparisons.find(
    ({ strategy, distinguishable }) => strategy === primary && distinguishable === true,
  );
  return (difference?.sharpeDifference.value ?? 0) > 0 ? 'good' : 'bad';
}
