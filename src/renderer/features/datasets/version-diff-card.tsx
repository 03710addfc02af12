/** What changed from an earlier version of a dataset to the one that is shown: rows, tickers and values. */
import { Select } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Dataset } from '#contract/datasets';
import { client, type Client } from '#renderer/app/client';
import { EMPTY_REMOTE, readInto, type Remote } from '#renderer/app/remote';
import { integer, percent, plain, plural } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { RemoteView } from '#renderer/ui/remote-view';

type Versions = Awaited<ReturnType<Client['datasets']['versions']>>['versions'];
type Diff = Awaited<ReturnType<Client['datasets']['diff']>>;

const SHOWN = 12;

const listed = (names: readonly string[]): string =>
  names.length === 0
    ? 'none'
    : `${names.slice(0, 8).join(', ')}${names.length > 8 ? `, … (${integer(names.length)})` : ''}`;

function DiffTables({ diff }: { readonly diff: Diff }) {
  const { rows, dates, assets, fields, samples } = diff;
  return (
    <div className="stack">
      <dl className="facts" style={{ padding: 12 }}>
        <dt>Rows</dt>
        <dd>
          {integer(rows.before)} → {integer(rows.after)}
        </dd>
        <dt>Days added</dt>
        <dd>{listed(dates.added)}</dd>
        <dt>Days removed</dt>
        <dd>{listed(dates.removed)}</dd>
        <dt>Tickers added</dt>
        <dd>{listed(assets.added)}</dd>
        <dt>Tickers removed</dt>
        <dd>{listed(assets.removed)}</dd>
      </dl>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col" className="right">
              Values added
            </th>
            <th scope="col" className="right">
              removed
            </th>
            <th scope="col" className="right">
              changed
            </th>
            <th scope="col" className="right">
              Largest change
            </th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.field}>
              <th scope="row">{field.field}</th>
              <td className="right">{integer(field.added)}</td>
              <td className="right">{integer(field.removed)}</td>
              <td className="right">{integer(field.changed)}</td>
              <td className="right">{percent(field.largestChange)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {samples.length > 0 && (
        <table className="table" aria-label="Changed values">
          <thead>
            <tr>
              <th scope="col">Ticker</th>
              <th scope="col">Day</th>
              <th scope="col">Field</th>
              <th scope="col" className="right">
                Before
              </th>
              <th scope="col" className="right">
                After
              </th>
            </tr>
          </thead>
          <tbody>
            {samples.slice(0, SHOWN).map(({ asset, date, field, before, after }) => (
              <tr key={`${asset} ${date} ${field}`}>
                <th scope="row">{asset}</th>
                <td>{date}</td>
                <td>{field}</td>
                <td className="right">{plain(before)}</td>
                <td className="right">{plain(after)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

export function VersionDiffCard({ dataset }: { readonly dataset: Dataset }) {
  const { id } = dataset;
  const [versions, setVersions] = useState<Remote<Versions>>(EMPTY_REMOTE);
  const [against, setAgainst] = useState<string | null>(null);
  const [diff, setDiff] = useState<Remote<Diff>>(EMPTY_REMOTE);
  useEffect(() => {
    void readInto(undefined, async () => (await client().datasets.versions({ dataset: id })).versions, setVersions);
  }, [id]);
  const others = versions.value?.filter((version) => version.id !== id) ?? [];
  const chosen = against ?? others[0]?.id ?? null;
  useEffect(() => {
    if (chosen !== null)
      void readInto(undefined, () => client().datasets.diff({ dataset: id, against: chosen }), setDiff);
  }, [id, chosen]);
  if (versions.value === null || others.length === 0) return null;
  return (
    <Card
      title={`Compared with ${plural(others.length, 'other version')}`}
      flush
      actions={
        <Select
          aria-label="Compared with"
          w={120}
          data={others.map((version) => ({ value: version.id, label: `v${version.version}` }))}
          value={chosen}
          onChange={setAgainst}
        />
      }
    >
      <RemoteView remote={diff} what="the difference">
        {(value) => <DiffTables diff={value} />}
      </RemoteView>
    </Card>
  );
}
