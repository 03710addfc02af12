/** What the source is: layout, columns and their meaning, problems and first rows, before anything is stored. */
import { Select } from '@mantine/core';
import { type ImportPreview, mappingSchema } from '#contract/datasets';
import { plural, words } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Chip } from '#renderer/ui/chip';
import { EmptyState } from '#renderer/ui/empty-state';
import { Skeleton } from '#renderer/ui/remote-view';
import { type Mapping, setMapping, useImport } from './import-store';

const FIELDS = mappingSchema.keyof().options;
const NEEDED = new Set<keyof Mapping>(['date', 'close']);
const NONE = '(none)';

function MappingFields({ preview }: { readonly preview: ImportPreview }) {
  const chosen = useImport((state) => state.options.mapping);
  const mapping = { ...preview.mapping, ...chosen };
  return (
    <div className="mapping">
      {FIELDS.map((field) => (
        <Select
          key={field}
          label={words(field)}
          data={[NONE, ...new Set(preview.columns)]}
          value={mapping[field] ?? NONE}
          error={NEEDED.has(field) && mapping[field] === undefined && preview.layout === null ? 'Needed' : undefined}
          searchable={preview.columns.length > 12}
          limit={200}
          onChange={(column) => setMapping(field, column === NONE ? null : column)}
        />
      ))}
    </div>
  );
}

const MOST_COLUMNS = 40;

function FirstRows({ preview }: { readonly preview: ImportPreview }) {
  const columns = preview.columns.slice(0, MOST_COLUMNS);
  return (
    <div className="table-scroll" style={{ maxHeight: 330 }} role="region" aria-label="First rows, table" tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={index} scope="col">
                {column === '' ? <span className="faint">(no name)</span> : column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, index) => (
            <tr key={index}>
              {columns.map((_, column) => (
                <td key={column}>{row[column] ?? <span className="faint">empty</span>}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Problems({ problems }: { readonly problems: ImportPreview['problems'] }) {
  if (problems.length === 0) return null;
  return (
    <ul className="plain-list stack tight">
      {problems.map((problem, index) => (
        <li key={index} className="row" style={{ alignItems: 'start' }}>
          <Chip tone={problem.severity === 'error' ? 'danger' : 'warn'}>{problem.severity}</Chip>
          <span>{problem.message}</span>
        </li>
      ))}
    </ul>
  );
}

export function ImportLook() {
  const { preview, looking, files, error } = useImport();
  if (files.length === 0) {
    return (
      <Card title="What the files hold">
        <EmptyState
          title="Nothing chosen yet"
          text="Long tables (date, symbol, open … volume), wide close tables, S&P 500 sets, Stooq and Yahoo downloads are recognized. Columns can be mapped by hand."
        />
      </Card>
    );
  }
  if (preview === null) {
    return (
      <Card title="What the files hold">
        {looking ? (
          <Skeleton lines={8} what="the files" />
        ) : (
          <p className="faint">{error === null ? 'Choose a price file.' : 'The files could not be read.'}</p>
        )}
      </Card>
    );
  }
  const { layout, delimiter, dateFormat } = preview;
  const facts = [
    layout === null ? 'Layout not recognized' : `Layout ${words(layout).toLowerCase()}`,
    delimiter === null ? null : `separator ${delimiter === '\t' ? 'tab' : delimiter}`,
    dateFormat === null ? null : `dates ${dateFormat}`,
    plural(preview.columns.length, 'column'),
  ].filter((fact) => fact !== null);
  return (
    <>
      <Card
        title="What the files hold"
        actions={
          <Chip tone={layout === null ? 'warn' : 'gain'}>
            {layout === null ? 'Map columns by hand' : '✓ Recognized'}
          </Chip>
        }
      >
        <div className="stack">
          <p className="secondary">{facts.join(' · ')}</p>
          <Problems problems={preview.problems} />
          <MappingFields preview={preview} />
        </div>
      </Card>
      <Card title="First rows" flush>
        <FirstRows preview={preview} />
      </Card>
    </>
  );
}
