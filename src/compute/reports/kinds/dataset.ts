/** Dataset card and quality report (Gebru et al. 2021): where the data come from, what was found in them, and what was done about it. */
import type { Content, Draft } from '../drafting';
import type { Block, Table } from '../model';

export function datasetReport(draft: Draft): Content {
  const { say, numbers, facts } = draft;
  const { dataset } = facts;
  const { manifest, findings } = dataset;
  return {
    title: say('Dataset card and quality report'),
    subtitle: `${dataset.name} v${dataset.version}`,
    verdict:
      findings.error > 0
        ? say('{errors} kinds of error were found: do not rely on these data before they are resolved.', {
            errors: findings.error,
          })
        : findings.warning > 0
          ? say('Usable with care: {warnings} kinds of warning, no error.', { warnings: findings.warning })
          : say('No error and no warning was found.'),
    verdictTone: findings.error > 0 ? 'bad' : findings.warning > 0 ? 'warn' : 'good',
    withSeries: false,
    sections: [
      {
        id: 'summary',
        title: say('In short'),
        blocks: [
          {
            type: 'headlines',
            items: [
              {
                label: say('Rows'),
                figure: draft.figure(manifest.rows, 'integer', 'count'),
                notes: [say('{n} refused', { n: numbers.text(facts.rejectedRows, 'integer') })],
              },
              {
                label: say('Assets'),
                figure: draft.figure(manifest.assets, 'integer', 'count'),
                notes: [manifest.hasMembership ? say('with membership dates') : say('without membership dates')],
              },
              {
                label: say('Errors'),
                figure: draft.figure(findings.error, 'integer', 'count'),
                notes: [say('kinds of finding')],
              },
              {
                label: say('Warnings'),
                figure: draft.figure(findings.warning, 'integer', 'count'),
                notes: [say('kinds of finding')],
              },
            ],
          },
          { type: 'facts', id: 'dataset', items: datasetFacts(draft) },
        ],
      },
      { id: 'quality', title: say('What was found'), blocks: [findingTable(draft), ...samples(draft)] },
      { id: 'coverage', title: say('Coverage'), blocks: [coverageTable(draft), coverageChart(draft)] },
      { id: 'sources', title: say('Sources'), blocks: [sourceTable(draft)] },
      {
        id: 'limits',
        title: say('Limits of these data'),
        blocks: [
          {
            type: 'list',
            items: [
              manifest.hasMembership
                ? say('Membership is point in time.')
                : say('The dataset has no membership dates: survivorship is not removed.'),
              manifest.hasSectors
                ? say('Sectors are as of the import, not point in time.')
                : say('Sectors are unknown.'),
              say('Prices: {adjustment}', { adjustment: manifest.adjustment }),
            ],
          },
        ],
      },
    ],
  };
}

function datasetFacts({ say, facts: { dataset } }: Draft): (readonly [string, string])[] {
  const { manifest } = dataset;
  return [
    [say('Content hash'), dataset.contentHash],
    [say('Imported'), dataset.createdAt],
    [say('Dates'), `${manifest.firstDate} … ${manifest.lastDate}`],
    [say('Fields'), manifest.fields.join(', ')],
    [say('Layout'), `${manifest.layout}, ${manifest.dateFormat}`],
    [say('Duplicates, equal and conflicting'), `${manifest.equalDuplicates}, ${manifest.conflictingDuplicates}`],
    [say('Benchmark'), manifest.benchmark ?? say('none')],
    [
      say('Generated'),
      manifest.generator === null
        ? say('no')
        : `${manifest.generator.preset}, ${say('Seed {seed}', { seed: manifest.generator.seed })}`,
    ],
  ];
}

function findingTable(draft: Draft): Table {
  const { say, facts } = draft;
  return draft.table({
    id: 'findings',
    title: say('Findings'),
    columns: [
      { title: say('Severity') },
      { title: say('Finding') },
      { title: say('Count'), unit: 'integer' },
      { title: say('What the import did') },
    ],
    rows: facts.quality.findings.map((item) => ({
      cells: [say(item.severity), item.title, draft.figure(item.count, 'integer', 'count'), item.action],
      ...(item.severity === 'error'
        ? { tone: 'bad' as const }
        : item.severity === 'warning'
          ? { tone: 'warn' as const }
          : {}),
    })),
    ...(facts.quality.findings.length === 0 ? { note: say('Nothing was found.') } : {}),
  });
}

function samples(draft: Draft): Block[] {
  const { say, facts } = draft;
  const rows = facts.quality.findings.flatMap(({ title, samples: found }) =>
    found
      .slice(0, 5)
      .map(({ asset, date, value, note }) => [
        title,
        asset,
        date,
        draft.figure(value, 'exact', 'recorded', say('There is no value.')),
        note ?? '',
      ]),
  );
  if (rows.length === 0) return [];
  return [
    draft.table({
      id: 'samples',
      title: say('Examples'),
      columns: [
        { title: say('Finding') },
        { title: say('Asset') },
        { title: say('Date') },
        { title: say('Value'), unit: 'exact' },
        { title: say('Note') },
      ],
      rows,
    }),
  ];
}

function coverageTable(draft: Draft): Table {
  const { say, facts } = draft;
  return draft.table({
    id: 'coverage_years',
    title: say('Coverage by year'),
    columns: [
      { title: say('Year') },
      { title: say('Assets'), unit: 'integer' },
      { title: say('Rows'), unit: 'integer', total: 'sum' },
      { title: say('Coverage'), unit: 'percent', scale: { kind: 'bar', limit: 1 } },
    ],
    rows: facts.quality.coverageByYear.map((item) => [
      String(item.year),
      draft.figure(item.assets, 'integer', 'count'),
      draft.figure(item.rows, 'integer', 'count'),
      draft.figure(item.share, 'percent', 'coverage'),
    ]),
  });
}

function coverageChart({ say, facts }: Draft): Block {
  const years = facts.quality.coverageByYear;
  return {
    type: 'chart',
    id: 'coverage',
    title: say('Assets by year'),
    alternative: say('Number of assets with prices in every year.'),
    kind: 'bars',
    x: years.map(({ year }) => String(year)),
    series: [{ name: say('Assets'), color: 'ours', values: years.map(({ assets }) => assets) }],
    unit: 'integer',
    height: 150,
  };
}

function sourceTable(draft: Draft): Table {
  const { say, facts } = draft;
  return draft.table({
    id: 'sources',
    title: say('Files'),
    columns: [
      { title: say('File') },
      { title: say('Role') },
      { title: say('Bytes'), unit: 'integer', total: 'sum' },
      { title: 'SHA-256' },
    ],
    rows: facts.dataset.manifest.sources.map(({ name, role, bytes, sha256 }) => [
      name,
      role,
      draft.figure(bytes, 'integer', 'count'),
      sha256,
    ]),
    ...(facts.dataset.manifest.sources.length === 0
      ? { note: say('The market was generated: there is no file.') }
      : {}),
  });
}
