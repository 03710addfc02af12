/** The privacy section of the settings: what may leave, what is kept how long, and the proof that the audit log was not touched. */
import { Button, Switch } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useState } from 'react';
import type { PrivacyConfig } from '#contract/privacy';
import { integer } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { ErrorNotice } from '#renderer/ui/error-notice';
import { RemoteView } from '#renderer/ui/remote-view';
import { changePrivacy, deleteDue, readPrivacy, usePrivacy, verifyAudit, type Retention } from './privacy-store';

interface SettingProps {
  readonly title: string;
  readonly help: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

function Setting({ title, help, checked, onChange }: SettingProps) {
  return (
    <div className="row apart">
      <span>
        {title}
        <span className="small">{help}</span>
      </span>
      <Switch aria-label={title} checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
    </div>
  );
}

function Policy({ config }: { readonly config: PrivacyConfig }) {
  const connections = usePrivacy((state) => state.connections.value);
  const change = (part: Partial<PrivacyConfig>) => void changePrivacy({ ...config, ...part });
  return (
    <div className="stack">
      <Setting
        title="Local only"
        help="Every connection to another machine is refused before anything is sent, and written down."
        checked={config.localOnly}
        onChange={(localOnly) => change({ localOnly })}
      />
      <p className="secondary">
        {connections === null || connections === 0
          ? 'Network log: empty. No connection to another machine was tried.'
          : `Network log: ${connections} connections to other machines were tried. See them with: sextant privacy connections.`}
      </p>
      <Setting
        title="Access log"
        help="Every read of weights, holdings and trades is written down with its reader."
        checked={config.accessLog}
        onChange={(accessLog) => change({ accessLog })}
      />
      <Setting
        title="Exports"
        help="Weights, reports and bundles may be exported. Every export is in the audit log."
        checked={config.exports}
        onChange={(exports) => change({ exports })}
      />
    </div>
  );
}

function RetentionTable({ kinds, blocked }: Retention) {
  const [asked, setAsked] = useState(false);
  const due = kinds.reduce((sum, kind) => sum + kind.due, 0);
  const remove = async () => {
    setAsked(false);
    try {
      const reason = await deleteDue();
      notifications.show({ message: reason ?? 'Deleted. The proof is in the audit log.' });
    } catch (error) {
      notifications.show({ color: 'red', message: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <div className="stack">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Kind</th>
            <th scope="col" className="right">
              Kept for
            </th>
            <th scope="col" className="right">
              Rows
            </th>
            <th scope="col" className="right">
              Due
            </th>
          </tr>
        </thead>
        <tbody>
          {kinds.map(({ kind, title, days, due: dueHere, kept }) => (
            <tr key={kind}>
              <th scope="row">{title}</th>
              <td className="right">{days === null ? 'ever' : `${days} days`}</td>
              <td className="right">{integer(kept + dueHere)}</td>
              <td className="right">{integer(dueHere)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {due > 0 && blocked !== null && <p className="secondary">{blocked}</p>}
      {due > 0 && !asked && (
        <Button variant="default" size="xs" onClick={() => setAsked(true)}>
          Delete what is due
        </Button>
      )}
      {asked && (
        <div className="row">
          <span>{integer(due)} rows are deleted for good.</span>
          <Button color="red" size="xs" onClick={() => void remove()}>
            Delete
          </Button>
          <Button variant="default" size="xs" onClick={() => setAsked(false)}>
            Keep
          </Button>
        </div>
      )}
    </div>
  );
}

function AuditProof() {
  const verdict = usePrivacy((state) => state.verdict);
  return (
    <div className="stack">
      <p className="secondary">
        Every command, setting and export is a row in a chained log, anchored outside the database. A changed, removed
        or restored row breaks the chain.
      </p>
      {verdict?.value && (
        <p role="status">
          {verdict.value.intact
            ? `Intact: ${integer(verdict.value.rows)} rows and ${integer(verdict.value.anchors)} anchors were checked.`
            : `Tampered with${verdict.value.fault?.seq == null ? '' : ` at row ${verdict.value.fault.seq}`}: ${verdict.value.fault?.problem ?? ''}`}
        </p>
      )}
      {verdict?.error && <ErrorNotice error={verdict.error} />}
      <Button variant="default" size="xs" onClick={() => void verifyAudit()}>
        Verify the audit log
      </Button>
    </div>
  );
}

const retry = () => void readPrivacy();

export function PrivacyCard() {
  const config = usePrivacy((state) => state.config);
  useEffect(() => {
    void readPrivacy();
  }, []);
  return (
    <Card title="Privacy">
      <RemoteView remote={config} what="the privacy configuration" retry={retry}>
        {(value) => <Policy config={value} />}
      </RemoteView>
    </Card>
  );
}

export function RetentionCard() {
  const retention = usePrivacy((state) => state.retention);
  return (
    <Card title="Retention">
      <RemoteView remote={retention} what="what is kept" retry={retry}>
        {(value) => <RetentionTable {...value} />}
      </RemoteView>
    </Card>
  );
}

export function AuditLogCard() {
  return (
    <Card title="Audit log">
      <AuditProof />
    </Card>
  );
}
