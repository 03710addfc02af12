/** Personal data of the file that is being read: which columns hold it, and lines without it. Hashes are keyed anew for every import. */
import { createHmac, randomBytes } from 'node:crypto';
import type { DelimitedPlan } from '#quant/prices/layouts';
import {
  personalColumns,
  scrubLine,
  splitLine,
  type PersonalColumn,
  type PersonalDataPolicy,
} from '#quant/prices/personal-data';
import type { FoundFile } from './source-files';

const ROWS_LOOKED_AT = 500;
const HASH_DIGITS = 12;

export class PersonalDataFilter {
  readonly found: (PersonalColumn & { readonly file: string })[] = [];
  readonly #policy: PersonalDataPolicy;
  readonly #key = randomBytes(32);
  #plan: DelimitedPlan | null = null;
  #columns: readonly PersonalColumn[] = [];

  constructor(policy: PersonalDataPolicy) {
    this.#policy = policy;
  }

  /** Looks at the first rows of a delimited file. */
  look(plan: DelimitedPlan, file: FoundFile): void {
    const lines = new TextDecoder().decode(file.head).split(/\r?\n/);
    const rows = lines.slice(plan.headerRecords, plan.headerRecords + ROWS_LOOKED_AT);
    this.#plan = plan;
    this.#columns = personalColumns(
      plan,
      rows.map((row) => splitLine(row, plan.dialect.delimiter)),
    );
    this.found.push(...this.#columns.map((column) => ({ ...column, file: file.name })));
  }

  /** Before a file of another form. */
  forget(): void {
    this.#plan = null;
    this.#columns = [];
  }

  clean(line: string): string {
    return scrubLine(line, this.#plan, this.#columns, this.#policy, (value) =>
      createHmac('sha256', this.#key).update(value.trim().toLowerCase()).digest('hex').slice(0, HASH_DIGITS),
    );
  }
}
