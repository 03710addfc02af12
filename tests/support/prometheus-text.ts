/**
 * A strict reader of Prometheus' text format 0.0.4, for tests: it accepts only what the format's description allows, so a scrape that it
 * reads is one that Prometheus reads.
 */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (-?(?:\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)|[+-]Inf|Nan)$`);

/** Families by name. Throws with the line that is no such text. */
export function readPrometheusText(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('Expected the last line to end.');
  const families = new Map<string, Family & { samples: Sample[] }>();
  const seen = new Set<string>();
  let help: { name: string; text: string } | null = null;
  let current: (Family & { samples: Sample[] }) | null = null;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, helpName, helpText] = new RegExp(`^# HELP (${NAME}) (.*)$`).exec(line) ?? [];
    const [, typeName, type] =
      new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`).exec(line) ?? [];
    if (helpName !== undefined) help = { name: helpName, text: helpText };
    else if (typeName !== undefined) {
      if (families.has(typeName)) throw new Error(`Expected one family ${typeName}, found a second.`);
      current = { name: typeName, type, help: help?.name === typeName ? help.text : '', samples: [] };
      families.set(typeName, current);
    } else {
      const sample = readSample(line);
      if (current === null || !belongs(sample.name, current)) throw new Error(`Expected a TYPE before: ${line}`);
      const identity = `${sample.name}${JSON.stringify(
        Object.entries(sample.labels)
          .map(String)
          .toSorted((a, b) => a.localeCompare(b)),
      )}`;
      if (seen.has(identity)) throw new Error(`Expected each series once: ${line}`);
      seen.add(identity);
      current.samples.push(sample);
    }
  }
  return families;
}

function readSample(line: string): Sample {
  const [, name, labelText, value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`Expected a sample, found: ${line}`);
  const labels: Record<string, string> = {};
  for (let rest = labelText ?? ''; rest !== '';) {
    const found = LABEL.exec(rest);
    if (found === null) throw new Error(`Expected labels, found: ${line}`);
    if (found[1] in labels) throw new Error(`Expected each label once: ${line}`);
    labels[found[1]] = found[2].replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice(found[0].length);
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}

function belongs(sample: string, { name, type }: Family): boolean {
  if (type !== 'histogram' && type !== 'summary') return sample === name;
  return [name, `${name}_sum`, `${name}_count`, ...(type === 'histogram' ? [`${name}_bucket`] : [])].includes(sample);
}

/** The sum of a family's samples with these labels; for a histogram name `_count` or `_sum` as the sample. */
export function total(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  let sum = 0;
  for (const family of families.values()) {
    for (const sample of family.samples) {
      const fits = Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
      if (sample.name === name && fits) sum += sample.value;
    }
  }
  return sum;
}
