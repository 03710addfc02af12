/** The headline figure: one number with interval, sample and convention in small text; hover explains, click leads to the evidence. */
import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Measure } from '#contract/fields';
import { definitionOf } from '#renderer/definitions';

export interface HeadlineProps {
  readonly label: string;
  readonly measure: Measure | undefined;
  readonly format: (value: number) => string;
  /** Name in the list of definitions. */
  readonly term: string;
  readonly notes: readonly ReactNode[];
  /** Id of the part of the page that shows the evidence. */
  readonly evidence?: string;
}

function explanation(term: string): ReactNode {
  const definition = definitionOf(term);
  if (definition === undefined) return null;
  return (
    <>
      <strong>{definition.title}</strong>
      <br />
      {definition.text}
      {definition.formula !== undefined && (
        <>
          <br />
          <code>{definition.formula}</code>
        </>
      )}
      {definition.source !== undefined && (
        <>
          <br />
          {definition.source}
        </>
      )}
    </>
  );
}

export function Headline({ label, measure, format, term, notes, evidence }: HeadlineProps) {
  const value = measure?.value ?? null;
  const shown = notes.filter((note) => note !== null && note !== undefined && note !== '');
  const content = (
    <>
      <span className="headline-label">{label}</span>
      {value === null ? (
        <>
          <span className="headline-value none">not computable</span>
          <span className="headline-note">{measure?.reason ?? 'Not measured in this run.'}</span>
        </>
      ) : (
        <span className="headline-value">{format(value)}</span>
      )}
      {shown.map((note, index) => (
        <span key={index} className="headline-note">
          {note}
        </span>
      ))}
    </>
  );
  const tip = explanation(term);
  const figure =
    evidence === undefined ? (
      <div className="headline">{content}</div>
    ) : (
      <button
        type="button"
        className="headline"
        onClick={() => document.getElementById(evidence)?.scrollIntoView({ block: 'start' })}
      >
        {content}
      </button>
    );
  return tip === null ? (
    figure
  ) : (
    <Tooltip label={tip} multiline w={320} position="bottom-start" events={{ hover: true, focus: true, touch: true }}>
      {figure}
    </Tooltip>
  );
}
