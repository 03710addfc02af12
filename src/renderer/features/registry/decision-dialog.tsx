/** The two decisions about a champion, each with its consequences stated before it is made. */
import { Button, Modal, Textarea } from '@mantine/core';
import { useState } from 'react';
import { toWire, type WireError } from '#base/errors';
import type { RegistryVersion } from '#contract/registry';
import { toAppError } from '#renderer/app/client';
import { ErrorNotice } from '#renderer/ui/error-notice';
import { promote, rollback } from './registry-store';

export interface DecisionDialogProps {
  readonly version: RegistryVersion;
  readonly kind: 'promote' | 'rollback';
  /** Label of the champion of this name; null where there is none. */
  readonly champion: string | null;
  readonly close: () => void;
}

const LEAST_REASON = 10;

function consequences({ version, kind, champion }: DecisionDialogProps): readonly string[] {
  const users = `Whatever asks for ${version.name}@champion gets it from then on.`;
  if (kind === 'rollback') {
    return [
      `${version.rollbackTo ?? ''} becomes champion again at once; ${champion ?? ''} stays registered as Archived.`,
      users,
      'No gate is run: it was champion before. Its artifact is read back first.',
    ];
  }
  return [
    `The gate is run against ${champion ?? 'equal weight, as there is no champion'}; it fits the model again and takes about as long as the run did.`,
    `If every check holds, ${version.label} becomes champion at once${champion === null ? '' : ` and ${champion} becomes Archived`}.`,
    users,
    'If a check fails nothing changes, unless a reason is given below. Checklist and reason are kept for ever.',
  ];
}

export function DecisionDialog(props: DecisionDialogProps) {
  const { version, kind, close } = props;
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const isRollback = kind === 'rollback';
  const text = reason.trim();
  const ready = isRollback ? text.length >= LEAST_REASON : text === '' || text.length >= LEAST_REASON;
  const decide = () => {
    setBusy(true);
    (isRollback ? rollback(version.id, text) : promote(version.id, text))
      .then(close)
      .catch((caught: unknown) => setError(toWire(toAppError(caught))))
      .finally(() => setBusy(false));
  };
  return (
    <Modal
      opened
      onClose={close}
      title={isRollback ? `Roll back ${version.name}?` : `Promote ${version.label}?`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="stack">
        <ul style={{ paddingLeft: 18 }}>
          {consequences(props).map((consequence) => (
            <li key={consequence}>{consequence}</li>
          ))}
        </ul>
        <Textarea
          label={isRollback ? 'Reason' : 'Override (optional): why, although a check fails'}
          description={`At least ${LEAST_REASON} characters; kept with the decision.`}
          minRows={2}
          autosize
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        {error !== null && <ErrorNotice error={error} kept="The champion is unchanged." />}
        <div className="row" style={{ justifyContent: 'end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button onClick={decide} disabled={!ready} loading={busy}>
            {isRollback ? 'Roll back' : text === '' ? 'Run the gate' : 'Run the gate, override'}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
