/**
 * The question `runs list` asks of the database, built from what was asked for: only the conditions that are named stand in it, so that
 * SQLite can use the index of each. Every value is a parameter; nothing a caller wrote becomes SQL.
 */
import type { RUN_ORDERS } from '#contract/run-tracking';

export interface RunFilter {
  readonly limit: number;
  readonly offset: number;
  /** Part of a name, a tag or a note. */
  readonly search?: string | undefined;
  readonly status?: string | undefined;
  /** Identifier of a dataset. */
  readonly dataset?: string | undefined;
  readonly experiment?: string | undefined;
  /** `name=value`, all of them. */
  readonly tag?: readonly string[] | undefined;
  /** `sharpe>0.5`, all of them; the contract has checked the form. */
  readonly where?: readonly string[] | undefined;
  readonly archived?: boolean | undefined;
  readonly sort?: (typeof RUN_ORDERS)[number] | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
}

export interface RunQuery {
  readonly where: string;
  readonly orderBy: string;
  readonly parameters: readonly (string | number)[];
}

const COLUMNS: Readonly<Record<(typeof RUN_ORDERS)[number], string>> = {
  created: 'runs.created_at',
  name: 'runs.name',
  experiment: 'runs.experiment',
  sharpe: 'runs.sharpe',
  psr: 'runs.psr',
  cagr: 'runs.cagr',
  max_drawdown: 'runs.max_drawdown',
};

const OPERATORS = ['<=', '>=', '<', '>'] as const;
const CONDITION = /^(sharpe|psr|cagr|max_drawdown)\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)$/;

/** `%` and `_` of the searched text mean themselves. */
function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

export function runQuery(filter: RunFilter): RunQuery {
  const clauses: string[] = [];
  const parameters: (string | number)[] = [];
  const add = (clause: string, ...values: readonly (string | number)[]): void => {
    clauses.push(clause);
    parameters.push(...values);
  };
  const { search = '', status, dataset, experiment, tag = [], where = [], archived = false } = filter;
  const shelved = 'EXISTS (SELECT 1 FROM run_marks AS m WHERE m.run = runs.id AND m.archived_at IS NOT NULL)';
  add(archived ? shelved : `NOT ${shelved}`);
  if (search !== '') {
    const text = containing(search);
    add(
      String.raw`(runs.name LIKE ? ESCAPE '\' OR runs.experiment LIKE ? ESCAPE '\'
        OR EXISTS (SELECT 1 FROM run_tags AS t WHERE t.run = runs.id AND t.name || '=' || t.value LIKE ? ESCAPE '\')
        OR EXISTS (SELECT 1 FROM run_marks AS m WHERE m.run = runs.id AND m.note LIKE ? ESCAPE '\'))`,
      text,
      text,
      text,
      text,
    );
  }
  if (status !== undefined) add('jobs.status = ?', status);
  if (dataset !== undefined) add('runs.dataset = ?', dataset);
  if (experiment !== undefined) add('runs.experiment = ?', experiment);
  for (const text of tag) {
    const equals = text.indexOf('=');
    add(
      'runs.id IN (SELECT t.run FROM run_tags AS t WHERE t.name = ? AND t.value = ?)',
      text.slice(0, equals),
      text.slice(equals + 1),
    );
  }
  for (const text of where) {
    const [, measure, sign, limit] = CONDITION.exec(text) ?? [];
    const operator = OPERATORS.find((each) => each === sign);
    if (operator !== undefined) add(`runs.${measure} ${operator} ?`, Number(limit));
  }
  const direction = filter.order === 'asc' ? 'ASC' : 'DESC';
  const column = COLUMNS[filter.sort ?? 'created'];
  // Runs without the measure stand at the end, whichever way the others are ordered.
  const unknown = direction === 'ASC' && column in MEASURED ? `${column} IS NULL, ` : '';
  return {
    where: `WHERE ${clauses.join(' AND ')}`,
    orderBy: `ORDER BY ${unknown}${column} ${direction}, runs.id ${direction}`,
    parameters,
  };
}

const MEASURED = { 'runs.sharpe': true, 'runs.psr': true, 'runs.cagr': true, 'runs.max_drawdown': true };
