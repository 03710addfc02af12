/** An error as a person can use it: what happened, what was kept, what to do, and a detail to copy. */
import { Button } from '@mantine/core';
import type { ErrorCode, WireError } from '#base/errors';
import { ERROR_CODES } from '#base/errors';
import { CopyButton } from './copy-button';

export interface ErrorNoticeProps {
  readonly error: WireError;
  /** What is not lost. */
  readonly kept?: string;
  /** What to do, where the message does not say it. */
  readonly todo?: string;
  readonly retry?: (() => void) | undefined;
}

const titleOf = (code: ErrorCode) => ERROR_CODES[code].title;

export function ErrorNotice({ error, kept, todo, retry }: ErrorNoticeProps) {
  const detail = JSON.stringify({ code: error.code, message: error.message, data: error.data }, null, 2);
  return (
    <section className="notice" role="alert">
      <div className="row apart">
        <h2>{titleOf(error.code)}</h2>
        <span className="caption mono">{error.code}</span>
      </div>
      <p style={{ overflowWrap: 'anywhere' }}>{error.message}</p>
      {(kept !== undefined || todo !== undefined) && (
        <dl>
          {kept !== undefined && (
            <>
              <dt>Kept</dt>
              <dd>{kept}</dd>
            </>
          )}
          {todo !== undefined && (
            <>
              <dt>To do</dt>
              <dd>{todo}</dd>
            </>
          )}
        </dl>
      )}
      <div className="row">
        {retry !== undefined && <Button onClick={retry}>Try again</Button>}
        <CopyButton text={detail} label="Copy detail" />
      </div>
    </section>
  );
}
