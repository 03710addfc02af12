/** Where a dataset came from: the files with their hashes, what was read from them, and the hash of the result. */
import type { Dataset } from '#contract/datasets';
import { bytes, instant, integer, sourceText } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { CopyButton } from '#renderer/ui/copy-button';
import { VersionDiffCard } from './version-diff-card';

export function LineageView({ dataset }: { readonly dataset: Dataset }) {
  const { manifest } = dataset;
  const facts: readonly (readonly [string, string])[] = [
    ['Identifier', dataset.id],
    ['Content hash', dataset.contentHash],
    ['Imported', instant(dataset.createdAt)],
    ['Layout', manifest.layout],
    ['Dates written as', manifest.dateFormat],
    ['Prices', manifest.adjustment],
    ['Fields', manifest.fields.join(', ')],
    ['Rows', `${integer(manifest.rows)} kept, ${integer(manifest.rejectedRows)} refused`],
    [
      'Duplicates',
      `${integer(manifest.equalDuplicates)} equal, ${integer(manifest.conflictingDuplicates)} in conflict`,
    ],
    ['Outside the chosen dates', integer(manifest.outsideSpan)],
    ['Sectors', manifest.hasSectors ? 'given' : 'not given'],
    ['Membership', manifest.hasMembership ? 'point in time' : 'not given'],
    ['Benchmark', manifest.benchmark ?? 'none'],
    [
      'Generator',
      manifest.generator === null ? 'none' : `preset ${manifest.generator.preset}, seed ${manifest.generator.seed}`,
    ],
  ];
  return (
    <div className="stack">
      <Card title="Manifest" actions={<CopyButton text={JSON.stringify(dataset, null, 2)} label="Copy manifest" />}>
        <dl className="facts">
          {facts.map(([term, value]) => (
            <div key={term} style={{ display: 'contents' }}>
              <dt>{term}</dt>
              <dd className={term === 'Identifier' || term === 'Content hash' ? 'mono' : undefined}>{value}</dd>
            </div>
          ))}
        </dl>
      </Card>
      <Card title="Source files" flush>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Holds</th>
              <th scope="col" className="right">
                Size
              </th>
              <th scope="col">SHA-256</th>
            </tr>
          </thead>
          <tbody>
            {manifest.sources.map((source) => (
              <tr key={source.name + source.sha256}>
                <th scope="row">{sourceText(source.name)}</th>
                <td>{source.role}</td>
                <td className="right">{bytes(source.bytes)}</td>
                <td className="mono">{source.sha256}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
      <VersionDiffCard dataset={dataset} />
    </div>
  );
}
