/** Executive summary: one page in plain words, the verdict first. */
import { comparisonTable, conventionText, curveChart, headlines, leakageText } from '../run-blocks';
import { primaryOf, shortRun, type Content, type Draft } from '../drafting';
import type { RunFacts } from '../facts';
import { verdictText, verdictTone } from '../verdict';

const SHOWN_COMPARISONS = 4;
const SHOWN_WARNINGS = 3;

export function summaryReport(draft: Draft, facts: RunFacts): Content {
  const { say } = draft;
  const { run, series } = facts;
  const primary = primaryOf(facts);
  const leakage = leakageText(draft, facts);
  const references = run.strategies.filter(({ role }) => role !== 'compare').map(({ name }) => name);
  const comparisons = comparisonTable(draft, {
    ...facts,
    run: {
      ...run,
      comparisons: run.comparisons.filter(({ strategy }) => strategy === primary.name).slice(0, SHOWN_COMPARISONS),
    },
  });
  return {
    title: say('Executive summary'),
    subtitle: run.config.experiment.name,
    verdict: verdictText(draft, facts),
    verdictTone: verdictTone(facts),
    withSeries: true,
    sections: [
      {
        id: 'summary',
        title: say('In short'),
        blocks: [
          { type: 'headlines', items: headlines(draft, facts) },
          {
            type: 'list',
            items: [
              say('What was tested: {summary}, on {dataset} from {from} to {to}.', {
                summary: primary.summary,
                dataset: run.dataset.name,
                from: series.dates[0] ?? '–',
                to: series.dates.at(-1) ?? '–',
              }),
              leakage.text,
              facts.run.capacity?.verdict ?? say('Capacity: not computed.'),
              ...run.warnings.slice(0, SHOWN_WARNINGS),
            ],
          },
          curveChart(draft, facts, {
            id: 'equity',
            title: say('Growth of 1, net of costs'),
            field: 'equity',
            unit: 'decimal',
            only: references,
            logarithmic: true,
          }),
          comparisons,
          { type: 'text', text: `${shortRun(run.name)}. ${conventionText(draft, facts)}`, tone: 'quiet' },
        ],
      },
    ],
  };
}
