/** Strategy recommendation: the documented rule, step by step, the ranking, the reasons, and what would change the decision. */
import { conventionText, curveChart, leakageText, levelText, resultTable } from '../run-blocks';
import { decide, type Decision, type Judgment, type Rule, type TestId } from '../decision-rule';
import { row, type Content, type Draft } from '../drafting';
import type { RunFacts } from '../facts';
import type { Block, Table, Tone } from '../model';

export function recommendationReport(draft: Draft, facts: RunFacts): Content {
  const { say } = draft;
  const { rule } = draft.facts.template;
  const decision = decide(facts, rule, draft.facts.dataset.findings.error);
  const { text, tone } = verdictOf(draft, decision);
  const shown = [
    decision.ranking[0]?.name,
    ...facts.run.strategies.filter(({ role }) => role === 'baseline' || role === 'benchmark').map(({ name }) => name),
  ];
  return {
    title: say('Strategy recommendation'),
    subtitle: facts.run.config.experiment.name,
    verdict: text,
    verdictTone: tone,
    withSeries: true,
    sections: [
      {
        id: 'ranking',
        title: say('Ranking'),
        blocks: [
          rankingTable(draft, decision),
          curveChart(draft, facts, {
            id: 'equity',
            title: say('The first of the ranking against equal weight and the index'),
            field: 'equity',
            unit: 'decimal',
            only: shown.filter((name) => name !== undefined),
            logarithmic: true,
          }),
        ],
      },
      { id: 'reasons', title: say('Reasons'), blocks: [testTable(draft, decision, rule)] },
      {
        id: 'changes',
        title: say('What would change the decision'),
        blocks: [{ type: 'list', items: changes(draft, facts, decision, rule) }],
      },
      { id: 'stability', title: say('Stability over seeds, capacity, leakage'), blocks: stabilityBlocks(draft, facts) },
      { id: 'rule', title: say('The rule'), blocks: [{ type: 'list', items: ruleTexts(draft, rule) }] },
      {
        id: 'results',
        title: say('Results'),
        blocks: [resultTable(draft, facts), { type: 'text', text: conventionText(draft, facts), tone: 'quiet' }],
      },
    ],
  };
}

function verdictOf({ say, numbers }: Draft, decision: Decision): { text: string; tone: Tone } {
  if (decision.baseline === null) {
    return { text: say('No recommendation: the run has no equal-weight baseline to compare with.'), tone: 'warn' };
  }
  const chosen = decision.ranking.find(({ name }) => name === decision.chosen);
  if (chosen !== undefined) {
    return {
      text: say(
        'Recommended: {name}. It is distinguishable from {baseline} (Δ Sharpe {difference} a year, p = {p} after Holm) and passes every limit.',
        {
          name: chosen.name,
          baseline: decision.baseline,
          difference: numbers.signed(chosen.difference ?? 0, 'decimal'),
          p: numbers.text(chosen.p ?? 1, 'probability'),
        },
      ),
      tone: 'good',
    };
  }
  return decision.anyDistinguishable
    ? {
        text: say(
          'No strategy is recommended: what is distinguishable from {baseline} breaks a limit. Hold {baseline}.',
          { baseline: decision.baseline },
        ),
        tone: 'warn',
      }
    : {
        text: say('None is distinguishable from {baseline}. Hold {baseline}, the simplest of them.', {
          baseline: decision.baseline,
        }),
        tone: 'quiet',
      };
}

function rankingTable(draft: Draft, decision: Decision): Table {
  const { say } = draft;
  return draft.table({
    id: 'ranking',
    title: say('Candidates, the best first'),
    columns: [
      { title: '#', unit: 'integer' },
      { title: say('Strategy') },
      { title: say('Δ Sharpe vs {name}', { name: decision.baseline ?? '–' }), unit: 'decimal' },
      { title: 'p (Holm)', unit: 'probability' },
      { title: say('Complexity'), unit: 'integer' },
      { title: say('Score'), unit: 'decimal' },
      { title: say('Eligible') },
    ],
    rows: decision.ranking.map((item, k) =>
      row(
        [
          draft.figure(k + 1, 'integer', 'score'),
          item.name,
          draft.figure(item.difference, 'decimal', 'pairwise', say('cannot be compared')),
          draft.figure(item.p, 'probability', 'pairwise', say('cannot be compared')),
          draft.figure(item.complexity, 'integer', 'score'),
          draft.figure(item.score, 'decimal', 'score', say('cannot be compared')),
          item.eligible ? say('yes') : say('no'),
        ],
        item.name === decision.chosen ? 'primary' : item.eligible ? undefined : 'bad',
      ),
    ),
  });
}

const TEST_TITLES: Readonly<Record<TestId, string>> = {
  leakage: 'Leakage audit',
  data: 'Data quality',
  drawdown: 'Drawdown limit',
  turnover: 'Turnover limit',
  folds: 'Folds ahead',
  significance: 'Significance',
};

function testTable(draft: Draft, decision: Decision, rule: Rule): Table {
  const { say, numbers } = draft;
  const ids = decision.ranking[0]?.tests.map(({ id }) => id) ?? [];
  const found = (id: TestId, value: number | null): string => {
    if (value === null) return '';
    if (id === 'significance') return ` (p = ${numbers.text(value, 'probability')})`;
    return id === 'data' ? ` (${numbers.text(value, 'integer')})` : ` (${numbers.text(value, 'percent')})`;
  };
  return draft.table({
    id: 'tests',
    title: say('Every test of the rule'),
    columns: [{ title: say('Strategy') }, ...ids.map((id) => ({ title: say(TEST_TITLES[id]) }))],
    rows: decision.ranking.map((item) => [
      item.name,
      ...item.tests.map(
        ({ id, passed, found: value }) =>
          `${passed === null ? say('not judged') : passed ? say('passed') : say('failed')}${found(id, value)}`,
      ),
    ]),
    note: say(
      'Limits: drawdown {drawdown}, turnover {turnover} a rebalance, ahead of equal weight in {folds} of the folds, level {level}.',
      {
        drawdown: levelText(numbers, rule.maxDrawdown),
        turnover: levelText(numbers, rule.maxTurnover),
        folds: levelText(numbers, rule.minFoldShare),
        level: levelText(numbers, rule.level),
      },
    ),
  });
}

function changes(draft: Draft, { run }: RunFacts, decision: Decision, rule: Rule): string[] {
  const { say, numbers } = draft;
  const texts: string[] = [];
  const best: Judgment | undefined = decision.ranking[0];
  if (
    best !== undefined &&
    decision.chosen === null &&
    best.yearsNeeded !== null &&
    best.yearsNeeded > decision.years
  ) {
    texts.push(
      say(
        'More data: a difference as large as that of {name} would be distinguishable after about {years} years of test; there are {have}.',
        {
          name: best.name,
          years: numbers.text(best.yearsNeeded, 'integer'),
          have: numbers.text(decision.years, 'decimal'),
        },
      ),
    );
  }
  if (best !== undefined && best.yearsNeeded === null && best.difference !== null) {
    texts.push(say('{name} is behind equal weight; more of the same data would not help it.', { name: best.name }));
  }
  for (const item of decision.ranking) {
    const failed = item.tests
      .filter(({ id, passed }) => passed === false && id !== 'significance')
      .map(({ id }) => say(TEST_TITLES[id]));
    if (failed.length > 0)
      texts.push(
        say('{name} becomes eligible when it passes: {tests}.', { name: item.name, tests: failed.join(', ') }),
      );
  }
  if (run.leakage === null)
    texts.push(say('A leakage audit (sextant runs audit): a failed guard excludes every strategy of the run.'));
  if (decision.chosen !== null) {
    texts.push(
      say(
        'A drawdown deeper than {drawdown}, a turnover above {turnover}, or a p-value above {level} after more trials.',
        {
          drawdown: levelText(numbers, rule.maxDrawdown),
          turnover: levelText(numbers, rule.maxTurnover),
          level: levelText(numbers, rule.level),
        },
      ),
    );
  }
  return texts;
}

function stabilityBlocks(draft: Draft, facts: RunFacts): Block[] {
  const { say, numbers } = draft;
  const leakage = leakageText(draft, facts);
  const seeds = facts.peers.filter(({ computation }) => computation === facts.computation);
  const blocks: Block[] = [];
  if (seeds.length === 0) {
    blocks.push({
      type: 'text',
      text: say(
        'One seed only ({seed}): stability over seeds was not tested. Run the same configuration with other seeds.',
        { seed: facts.run.config.experiment.seed },
      ),
      tone: 'warn',
    });
  } else {
    const own = {
      name: facts.run.name,
      seed: facts.run.config.experiment.seed,
      sharpes: facts.run.strategies.map(({ name, metrics }) => ({
        strategy: name,
        sharpe: metrics['sharpe']?.value ?? null,
      })),
    };
    const all = [own, ...seeds];
    const names = own.sharpes.map(({ strategy }) => strategy);
    blocks.push(
      draft.table({
        id: 'seeds',
        title: say('Sharpe ratio by seed'),
        columns: [
          { title: say('Strategy') },
          ...all.map(({ seed }) => ({ title: say('Seed {seed}', { seed }), unit: 'decimal' as const })),
        ],
        rows: names.map((name) => [
          name,
          ...all.map(({ sharpes }) =>
            draft.figure(sharpes.find(({ strategy }) => strategy === name)?.sharpe, 'decimal', 'sharpe'),
          ),
        ]),
      }),
    );
  }
  const { capacity } = facts.run;
  blocks.push(
    { type: 'text', text: capacity?.verdict ?? say('Capacity: not computed.') },
    { type: 'text', text: say('Capacity is estimated for the primary strategy only.'), tone: 'quiet' },
    { type: 'text', text: leakage.text, tone: leakage.tone },
  );
  if (capacity?.netAssetValue.value !== null && capacity !== null) {
    blocks.push({
      type: 'facts',
      id: 'capacity',
      items: [[say('Capacity'), numbers.text(capacity.netAssetValue.value, 'money')]],
    });
  }
  return blocks;
}

function ruleTexts({ say, numbers }: Draft, rule: Rule): string[] {
  return [
    say('Eligible is what no leakage guard failed, on data without an error in its quality report.'),
    say('Its largest drawdown is at most {drawdown} and its one-way turnover a rebalance at most {turnover}.', {
      drawdown: levelText(numbers, rule.maxDrawdown),
      turnover: levelText(numbers, rule.maxTurnover),
    }),
    say('It earned more than equal weight in at least {folds} of the test windows.', {
      folds: levelText(numbers, rule.minFoldShare),
    }),
    say(
      'Its Sharpe ratio is above that of equal weight with p < {level}, Ledoit–Wolf 2008, corrected by Holm for the number of candidates.',
      {
        level: levelText(numbers, rule.level),
      },
    ),
    say('Among those, the highest Δ Sharpe minus {penalty} a complexity point is recommended.', {
      penalty: numbers.text(rule.complexityPenalty, 'decimal'),
    }),
    say('If no candidate passes all of this, equal weight is recommended: it needs no model and cannot be overfitted.'),
    say('A test that could not be judged does not exclude, and is shown as such.'),
  ];
}
