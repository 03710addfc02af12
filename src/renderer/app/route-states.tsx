/** What is shown for an address that leads nowhere, and for a page that failed to draw. */
import { Button } from '@mantine/core';
import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { EmptyState } from '#renderer/ui/empty-state';
import { ErrorNotice } from '#renderer/ui/error-notice';
import { Page } from '#renderer/ui/page';
import { toAppError } from './client';

export function NotFound() {
  return (
    <Page title="No such page">
      <EmptyState
        title="This address leads nowhere"
        text="The page may have been moved, or what it showed was removed."
        actions={<Link to="/">Go to Overview</Link>}
      />
    </Page>
  );
}

export function RouteError({ error, reset }: ErrorComponentProps) {
  return (
    <Page
      title="This page could not be drawn"
      actions={<Button onClick={() => window.location.reload()}>Reload</Button>}
    >
      <ErrorNotice
        error={toAppError(error)}
        kept="Everything in the workspace, and every running job."
        todo="Try again. If it comes back, copy the detail into a report."
        retry={reset}
      />
    </Page>
  );
}
