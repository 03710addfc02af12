/** From facts to a report: the kind writes the content, this adds what every report carries: header, provenance, derivations, template. */
import { AppError } from '#base/errors';
import { createDraft, shortRun, type Content, type Draft } from './drafting';
import type { ReportFacts, RunFacts } from './facts';
import { frameWords, seriesWords } from './frame-words';
import { comparisonReport } from './kinds/comparison';
import { dailyReport } from './kinds/daily';
import { datasetReport } from './kinds/dataset';
import { liveReport } from './kinds/live';
import { modelReport } from './kinds/model';
import { performanceReport } from './kinds/performance';
import { rebalanceReport } from './kinds/rebalance';
import { recommendationReport } from './kinds/recommendation';
import { riskReportContent } from './kinds/risk';
import { summaryReport } from './kinds/summary';
import type { Look, Report, Section } from './model';
import { sayIn } from './words';
import { readLogo } from './logo';

const RUN_KINDS: Readonly<Record<Exclude<ReportFacts['kind'], 'dataset'>, (draft: Draft, run: RunFacts) => Content>> = {
  summary: summaryReport,
  performance: performanceReport,
  comparison: comparisonReport,
  recommendation: recommendationReport,
  rebalance: rebalanceReport,
  risk: riskReportContent,
  model: modelReport,
  live: liveReport,
  daily: dailyReport,
};

/** Errors: INVALID_CONFIG for a template that names no section of the kind, or a logo that is none. */
export function buildReport(facts: ReportFacts, missing?: (text: string) => void): Report {
  const say = sayIn(facts.locale, missing);
  const draft = createDraft(facts, say);
  const content = contentOf(draft, facts);
  const sections = chosenSections(content.sections, facts.template.sections);
  const { run } = facts;
  return {
    kind: facts.kind,
    title: content.title,
    subtitle: content.subtitle,
    verdict: content.verdict,
    verdictTone: content.verdictTone,
    locale: facts.locale,
    currency: facts.currency,
    paper: facts.paper,
    generatedAt: facts.generatedAt,
    sections,
    header: [
      facts.workspace,
      ...(run === null ? [] : [shortRun(run.run.name)]),
      `${facts.dataset.name} v${facts.dataset.version} ${facts.dataset.contentHash.slice(0, 12)}`,
    ],
    provenance: provenanceOf(draft, facts),
    derivations: Object.fromEntries(draft.derivations),
    series: run === null || !content.withSeries ? null : seriesSheet(run),
    look: lookOf(facts),
    words: frameWords(say),
    seriesWords: seriesWords(say),
  };
}

function contentOf(draft: Draft, facts: ReportFacts): Content {
  if (facts.kind === 'dataset') return datasetReport(draft);
  if (facts.run === null) {
    throw new AppError('BAD_REQUEST', `Expected a run for a ${facts.kind} report, found none. Name one with --run.`);
  }
  return RUN_KINDS[facts.kind](draft, facts.run);
}

/** In the order of the template; names that the kind does not have are an error, since a missing section would go unnoticed. */
function chosenSections(sections: readonly Section[], wanted: readonly string[] | undefined): readonly Section[] {
  if (wanted === undefined) return sections;
  return wanted.map((id) => {
    const section = sections.find((candidate) => candidate.id === id);
    if (section !== undefined) return section;
    throw new AppError(
      'INVALID_CONFIG',
      `Expected sections of this kind (${sections.map((candidate) => candidate.id).join(', ')}), found "${id}". Mend sections in the template.`,
    );
  });
}

function seriesSheet({ run, series }: RunFacts): Report['series'] {
  return {
    dates: series.dates,
    periodsPerYear: 252,
    items: series.strategies.map(({ name, equity }) => {
      const metrics = run.strategies.find((strategy) => strategy.name === name)?.metrics ?? {};
      return {
        name,
        equity,
        measures: Object.fromEntries(Object.entries(metrics).map(([id, measure]) => [id, measure.value])),
      };
    }),
  };
}

function lookOf({ template }: ReportFacts): Look {
  const { colors, organization, disclaimers, logo } = template;
  return { ...colors, organization, disclaimers, logo: logo === undefined ? null : readLogo(logo) };
}

function provenanceOf({ say }: Draft, facts: ReportFacts): Report['provenance'] {
  const { dataset, version } = facts;
  const run = facts.run?.run;
  const p = run?.provenance;
  return [
    [say('Workspace'), facts.workspace],
    ...(run === undefined || p === undefined
      ? []
      : ([
          [say('Run'), run.name],
          [say('Run identifier'), run.id],
          [say('Seed'), String(p.seed)],
          [say('Configuration hash'), p.configHash],
          [say('Identity'), p.identity],
          [say('Result hash'), p.resultHash ?? '–'],
          [
            say('Computed by'),
            `Sextant ${p.appVersion}, ${p.gitCommit ?? say('no commit')}, ${p.lockHash.slice(0, 12)}`,
          ],
          [say('Device and runtime'), `${p.device}, Node ${p.node}, ${p.platform}`],
        ] as const)),
    [say('Dataset'), `${dataset.name} v${dataset.version}`],
    [say('Dataset hash'), dataset.contentHash],
    [
      say('Report written by'),
      `Sextant ${version.app}, ${version.gitCommit ?? say('no commit')}, ${version.lockHash.slice(0, 12)}`,
    ],
    [say('Made on'), facts.generatedAt],
    ...(facts.locale === 'en'
      ? []
      : [
          [
            say('Language'),
            say('Formulas, names of the field and sentences that the run has stored are in English.'),
          ] as const,
        ]),
  ];
}
