/** What a PromQL expression names: metrics and the labels that are matched or grouped by, read with Prometheus' own grammar. */
import { parser } from '@prometheus-io/lezer-promql';

export interface PromqlNames {
  readonly metrics: readonly string[];
  /** Matched values, `label="value"`, with the metric that they stand at. */
  readonly matchers: readonly { readonly metric: string; readonly label: string; readonly values: readonly string[] }[];
  readonly groupings: readonly string[];
}

/** Throws where it is no PromQL. */
export function namesOf(expression: string): PromqlNames {
  const metrics: string[] = [];
  const matchers: { metric: string; label: string; values: string[] }[] = [];
  const groupings: string[] = [];
  const unquoted = (text: string) => text.replaceAll(/^["'`]|["'`]$/g, '');
  parser.parse(expression).iterate({
    enter(node) {
      const text = expression.slice(node.from, node.to);
      if (node.type.isError) throw new Error(`Expected PromQL, found "${expression}" wrong at ${node.from}.`);
      if (node.name === 'VectorSelector') {
        const name = node.node.getChild('Identifier') ?? node.node.getChild('MetricIdentifier');
        if (name !== null) metrics.push(expression.slice(name.from, name.to));
      } else if (/^(Unquoted|Quoted)LabelMatcher$/.test(node.name)) {
        const [, label, , value] = /^([^=!~]+)(=~|!~|!=|=)(.*)$/s.exec(text) ?? [];
        matchers.push({ metric: metrics.at(-1) ?? '', label: label.trim(), values: unquoted(value.trim()).split('|') });
      } else if (node.name === 'GroupingLabels') {
        groupings.push(
          ...text
            .replaceAll(/[()]/g, '')
            .split(',')
            .map((label) => label.trim())
            .filter((label) => label !== ''),
        );
      }
    },
  });
  return { metrics, matchers, groupings };
}
