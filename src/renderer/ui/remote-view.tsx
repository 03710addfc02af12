/**
 * A remote value in its states: skeleton lines while nothing is known, a progress line when that takes over a second,
 * the error with a retry, and the value. A value that is read again stays shown.
 */
import { type ReactNode, useEffect, useState } from 'react';
import type { Remote } from '#renderer/app/remote';
import { ErrorNotice } from './error-notice';

export interface RemoteViewProps<T> {
  readonly remote: Remote<T> | undefined;
  /** What is being read, for the progress line. */
  readonly what: string;
  readonly lines?: number;
  readonly retry?: () => void;
  readonly children: (value: T) => ReactNode;
}

const SLOW_MS = 1_000;

export function Skeleton({ lines, what }: { readonly lines: number; readonly what: string }) {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="stack" style={{ padding: 12 }} aria-busy="true">
      <span className="visually-hidden" role="status">
        Reading {what}
      </span>
      {slow && <p className="caption">Reading {what} …</p>}
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className="skeleton" style={{ width: `${92 - ((line * 17) % 45)}%` }} />
      ))}
    </div>
  );
}

export function RemoteView<T>({ remote, what, lines = 5, retry, children }: RemoteViewProps<T>) {
  if (remote !== undefined && remote.value !== null) return children(remote.value);
  if (remote !== undefined && remote.error !== null) return <ErrorNotice error={remote.error} retry={retry} />;
  return <Skeleton lines={lines} what={what} />;
}
