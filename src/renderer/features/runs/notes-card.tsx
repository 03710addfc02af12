/** What people keep about a run: tags and a note. Both may change on a sealed run; the run itself does not. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { FACT_TAGS } from '#contract/run-tracking';
import { toWire, type WireError } from '#base/errors';
import type { Run } from '#contract/runs';
import { client, toAppError } from '#renderer/app/client';
import { Card } from '#renderer/ui/card';
import { ErrorNotice } from '#renderer/ui/error-notice';
import { readRun } from './runs-store';

const isFact = (name: string): boolean => FACT_TAGS.some((fact) => fact === name);

export function NotesCard({ run }: { readonly run: Run }) {
  const [tag, setTag] = useState('');
  const [note, setNote] = useState(run.note);
  const [error, setError] = useState<WireError | null>(null);
  const save = (work: () => Promise<unknown>) => {
    setError(null);
    work()
      .then(() => readRun(run.id))
      .catch((caught: unknown) => setError(toWire(toAppError(caught))));
  };
  const setTags = (text: string) => save(() => client().runs.tag({ run: run.id, tags: [text] }));
  return (
    <Card title="Tags and note" id="notes">
      <div className="stack">
        <ul className="plain-list row" style={{ flexWrap: 'wrap' }} aria-label="Tags">
          {Object.entries(run.tags).map(([name, value]) => (
            <li key={name} className="chip">
              {name}: {value}
              {!isFact(name) && (
                <button
                  type="button"
                  className="chip-remove"
                  aria-label={`Remove ${name}`}
                  onClick={() => setTags(`${name}=`)}
                >
                  ×
                </button>
              )}
            </li>
          ))}
        </ul>
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            setTags(tag.trim());
            setTag('');
          }}
        >
          <TextInput
            aria-label="New tag"
            placeholder="name=value, for example phase=paper"
            value={tag}
            onChange={(event) => setTag(event.currentTarget.value)}
            className="grow"
          />
          <Button type="submit" variant="default" disabled={!/^[^=]+=./.test(tag.trim())}>
            Add tag
          </Button>
        </form>
        <Textarea
          aria-label="Note"
          placeholder="What this run showed, and what to try next"
          autosize
          minRows={2}
          maxRows={10}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {note !== run.note && (
          <div className="row" style={{ justifyContent: 'end' }}>
            <Button variant="subtle" onClick={() => setNote(run.note)}>
              Discard
            </Button>
            <Button variant="default" onClick={() => save(() => client().runs.note({ run: run.id, note }))}>
              Save note
            </Button>
          </div>
        )}
        {error !== null && <ErrorNotice error={error} kept="Tags and note as they were." />}
      </div>
    </Card>
  );
}
