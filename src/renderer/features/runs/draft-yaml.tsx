/** The YAML of the draft, editable, with the problems that the engine found by line and column. */
import { Button } from '@mantine/core';
import { useRef } from 'react';
import { download } from '#renderer/download';
import { Card } from '#renderer/ui/card';
import { CopyButton } from '#renderer/ui/copy-button';
import { type Problem, setText, useDraft } from './draft-store';

function lineStart(text: string, line: number): number {
  return text
    .split('\n')
    .slice(0, Math.max(line - 1, 0))
    .reduce((sum, part) => sum + part.length + 1, 0);
}

export function DraftYaml() {
  const { text, problems } = useDraft();
  const area = useRef<HTMLTextAreaElement>(null);
  const show = ({ line, column }: Problem) => {
    const box = area.current;
    if (box === null) return;
    const at = lineStart(text, line) + Math.max(column - 1, 0);
    box.focus();
    box.setSelectionRange(at, lineStart(text, line + 1) - 1);
  };
  return (
    <Card
      title="YAML"
      flush
      actions={
        <>
          <CopyButton text={text} />
          <Button variant="default" onClick={() => download('run.yaml', text, 'application/yaml')}>
            Save
          </Button>
        </>
      }
    >
      <textarea
        ref={area}
        className="yaml"
        aria-label="YAML of the run"
        aria-invalid={problems.length > 0}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {problems.length > 0 && (
        <ul className="plain-list problem-list">
          {problems.slice(0, 8).map((problem, index) => (
            <li key={index}>
              <button type="button" onClick={() => show(problem)}>
                <span className="mono">
                  {problem.line}:{problem.column}
                </span>
                <span>
                  {problem.path !== '' && <strong>{problem.path} </strong>}
                  {problem.message}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
