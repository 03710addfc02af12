/** Risk and compliance: limits and violations, tails, stress, what the audit log holds, and what data and models are attested by. */
import { checkTable, guardTable, leakageText } from '../run-blocks';
import {
  anatomyTable,
  contributionTable,
  coverageTable,
  riskBlocks,
  sectorChart,
  stressTable,
  tailTable,
} from '../risk-blocks';
import { primaryOf, type Content, type Draft } from '../drafting';
import type { RunFacts } from '../facts';
import type { Block } from '../model';

const SHOWN_ENTRIES = 200;

export function riskReportContent(draft: Draft, facts: RunFacts): Content {
  const { say } = draft;
  const { portfolio, run } = facts;
  const violated = portfolio?.checks.filter(({ satisfied }) => !satisfied) ?? [];
  const leakage = leakageText(draft, facts);
  const guards = guardTable(draft, facts);
  return {
    title: say('Risk and compliance report'),
    subtitle: `${primaryOf(facts).name} · ${run.config.experiment.name}`,
    verdict:
      portfolio === null
        ? say('There is no portfolio, so no limit can be checked.')
        : violated.length === 0
          ? say('Every one of {n} limits holds.', { n: portfolio.checks.length })
          : say('{n} of {all} limits are violated: {names}.', {
              n: violated.length,
              all: portfolio.checks.length,
              names: violated.map(({ constraint }) => constraint).join(', '),
            }),
    verdictTone: portfolio === null ? 'warn' : violated.length === 0 ? 'good' : 'bad',
    withSeries: false,
    sections: [
      {
        id: 'limits',
        title: say('Limits and violations'),
        blocks: portfolio === null ? [] : [checkTable(draft, facts)],
      },
      {
        id: 'waivers',
        title: say('Waivers and alerts'),
        blocks: waiverBlocks(draft),
      },
      {
        id: 'risk',
        title: say('Risk'),
        blocks: riskBlocks(draft, facts, (risk) => [
          tailTable(draft, risk),
          coverageTable(draft, risk),
          contributionTable(draft, risk, 'sectors'),
          contributionTable(draft, risk, 'assets'),
          sectorChart(draft, risk),
        ]),
      },
      {
        id: 'stress',
        title: say('Stress'),
        blocks: riskBlocks(draft, facts, (risk) => [stressTable(draft, risk), anatomyTable(draft, risk)]),
      },
      {
        id: 'leakage',
        title: say('Leakage'),
        blocks: [{ type: 'text', text: leakage.text, tone: leakage.tone }, ...(guards === null ? [] : [guards])],
      },
      { id: 'attestation', title: say('Attestation of data and model'), blocks: attestation(draft, facts) },
      { id: 'audit', title: say('Extract of the audit log'), blocks: [auditBlock(draft)] },
    ],
  };
}

function entriesOf({ facts }: Draft, words: RegExp) {
  return facts.audit.filter(({ action }) => words.test(action));
}

/** What the log knows of waived limits and alerts; said plainly where it knows of none. */
function waiverBlocks(draft: Draft): Block[] {
  const { say } = draft;
  const found = entriesOf(draft, /waive|alert|limit\.breached/i);
  if (found.length === 0) {
    return [{ type: 'text', text: say('The audit log holds no waiver of a limit and no alert.'), tone: 'quiet' }];
  }
  return [
    draft.table({
      id: 'waivers',
      title: say('Waivers and alerts on record'),
      columns: [{ title: say('Time') }, { title: say('Who') }, { title: say('What') }, { title: say('Object') }],
      rows: found.slice(0, SHOWN_ENTRIES).map(({ at, actor, action, object }) => [at, actor, action, object]),
    }),
  ];
}

function attestation(draft: Draft, { run }: RunFacts): Block[] {
  const { say, facts } = draft;
  const { dataset, quality } = facts;
  return [
    {
      type: 'list',
      items: [
        say(
          'Data: {name} version {version}, content hash {hash}; {errors} errors and {warnings} warnings in its quality report.',
          {
            name: dataset.name,
            version: dataset.version,
            hash: dataset.contentHash,
            errors: dataset.findings.error,
            warnings: dataset.findings.warning,
          },
        ),
        say('Sources: {sources}.', {
          sources:
            dataset.manifest.sources.map(({ name, sha256 }) => `${name} (${sha256.slice(0, 12)})`).join(', ') || '–',
        }),
        say('Model: identity {identity}; the same identity gives the same result, hash {hash}.', {
          identity: run.provenance.identity,
          hash: run.provenance.resultHash ?? '–',
        }),
        say('Trials counted on this dataset: {n}; none can be taken back.', { n: run.trials?.onDataset ?? 0 }),
        say('Kinds of finding in the quality report: {n}.', { n: quality.findings.length }),
      ],
    },
    {
      type: 'text',
      text: say('Sextant attests what it has computed and stored; it does not attest that the sources are right.'),
      tone: 'quiet',
    },
  ];
}

function auditBlock(draft: Draft): Block {
  const { say, facts } = draft;
  if (facts.audit.length === 0) return { type: 'text', text: say('The audit log is empty.'), tone: 'quiet' };
  return draft.table({
    id: 'audit_log',
    title: say('Newest entries'),
    columns: [{ title: say('Time') }, { title: say('Who') }, { title: say('What') }, { title: say('Object') }],
    rows: facts.audit.slice(0, SHOWN_ENTRIES).map(({ at, actor, action, object }) => [at, actor, action, object]),
  });
}
