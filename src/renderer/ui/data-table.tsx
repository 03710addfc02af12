/**
 * A dense table over any number of rows: sorted by a click on the heading, drawn only where it is seen, copied as CSV.
 * Whoever uses it names the columns; a row is opened by the link in its first cell or a click anywhere on it.
 */
import { type ReactNode, useMemo, useRef, useState } from 'react';
import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';

export type CellValue = string | number | null;

export interface Column<Row> {
  readonly id: string;
  readonly title: ReactNode;
  /** Name in the CSV, where the title is not text. */
  readonly name?: string;
  readonly value: (row: Row) => CellValue;
  readonly cell?: (row: Row) => ReactNode;
  readonly right?: boolean;
  readonly width?: number | string;
  readonly clip?: boolean;
}

export interface DataTableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly rowId: (row: Row) => string;
  readonly open?: ((row: Row) => void) | undefined;
  readonly selected?: ReadonlySet<string>;
  /** Height of the scrolling part; without it the table fills its container. */
  readonly height?: number;
  readonly sortBy?: { readonly id: string; readonly desc: boolean };
  readonly rowRole?: (row: Row) => string | undefined;
  readonly rowHeight?: number;
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

/** Numbers before text, nothing last, whatever the direction of the others. */
function compare(a: CellValue, b: CellValue): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

function columnDefs<Row extends object>(columns: readonly Column<Row>[]): ColumnDef<typeof features, Row>[] {
  return columns.map((column) => ({
    id: column.id,
    accessorFn: column.value,
    sortFn: (a, b) => compare(column.value(a.original), column.value(b.original)),
    sortDescFirst: column.right ?? false,
  }));
}

/** Clicks on links, buttons and inputs in a row mean themselves, not the row. */
const isControl = (target: EventTarget) => target instanceof Element && target.closest('a,button,input,label') !== null;

/** What is cut off on screen is read on hover. */
function titleOf<Row>(column: Column<Row>, row: Row): string | undefined {
  const value = column.clip === true ? column.value(row) : null;
  return typeof value === 'string' ? value : undefined;
}

const ariaSort = { asc: 'ascending', desc: 'descending' } as const;

export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { label, rows, columns, rowId, open, selected, height, sortBy, rowRole } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [rowHeight] = useState(() =>
    props.rowHeight !== undefined
      ? props.rowHeight
      : Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue('--row'), 10) || 28,
  );
  const defs = useMemo(() => columnDefs(columns), [columns]);
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({
    features,
    columns: defs,
    data,
    getRowId: rowId,
    initialState: { sorting: sortBy === undefined ? [] : [{ ...sortBy }] },
  });
  const model = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: model.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const before = items.length === 0 ? 0 : items[0].start;
  const after = items.length === 0 ? 0 : virtual.getTotalSize() - items[items.length - 1].end;
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  return (
    <div
      ref={scroller}
      className="table-scroll"
      style={height === undefined ? { flex: '0 1 auto' } : { maxHeight: height }}
      role="region"
      aria-label={label}
      tabIndex={0}
    >
      <table className={open === undefined ? 'table' : 'table rows-open'} aria-rowcount={model.length + 1}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => {
                const column = byId.get(header.column.id);
                const sorted = header.column.getIsSorted();
                return (
                  <th
                    key={header.id}
                    scope="col"
                    className={column?.right === true ? 'right' : undefined}
                    style={{ width: column?.width }}
                    aria-sort={sorted === false ? undefined : ariaSort[sorted]}
                  >
                    {column?.title === '' ? (
                      <span className="visually-hidden">{column.name}</span>
                    ) : (
                      <button type="button" className="sort-button" onClick={header.column.getToggleSortingHandler()}>
                        {column?.title}
                        {sorted !== false && <span aria-hidden="true">{sorted === 'asc' ? '↑' : '↓'}</span>}
                      </button>
                    )}
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {before > 0 && (
            <tr aria-hidden="true">
              <td colSpan={columns.length} style={{ height: before, padding: 0, border: 0 }} />
            </tr>
          )}
          {items.map((item) => {
            const row = model[item.index].original;
            return (
              <tr
                key={model[item.index].id}
                aria-rowindex={item.index + 2}
                aria-selected={selected?.has(model[item.index].id)}
                data-role={rowRole?.(row)}
                style={{ height: rowHeight }}
                onClick={(event) => {
                  if (open !== undefined && !isControl(event.target)) open(row);
                }}
              >
                {columns.map((column, index) => {
                  const content = column.cell === undefined ? column.value(row) : column.cell(row);
                  const className = [column.right === true ? 'right' : '', column.clip === true ? 'clip' : ''].join(
                    ' ',
                  );
                  return index === 0 && column.title !== '' ? (
                    <th key={column.id} scope="row" className={className} title={titleOf(column, row)}>
                      {content}
                    </th>
                  ) : (
                    <td key={column.id} className={className} title={titleOf(column, row)}>
                      {content}
                    </td>
                  );
                })}
              </tr>
            );
          })}
          {after > 0 && (
            <tr aria-hidden="true">
              <td colSpan={columns.length} style={{ height: after, padding: 0, border: 0 }} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
