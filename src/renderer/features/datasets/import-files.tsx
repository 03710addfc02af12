/** Choosing files: dropped, picked with the system's dialog, handed over by the browser, or named by their path. */
import { ActionIcon, Button, FileButton, Select, Textarea } from '@mantine/core';
import { useState } from 'react';
import { bytes } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Icon } from '#renderer/ui/icon';
import {
  addPaths,
  removeFile,
  setRole,
  type SourceFile,
  type SourceRole,
  uploadFiles,
  useImport,
} from './import-store';

const ROLES: { value: SourceRole; label: string }[] = [
  { value: 'prices', label: 'Prices' },
  { value: 'companies', label: 'Companies' },
  { value: 'index', label: 'Index' },
  { value: 'membership', label: 'Membership' },
];

function FileRow({ file }: { readonly file: SourceFile }) {
  return (
    <li className="file-row">
      <span className="clip" title={file.path}>
        {file.name}
        {file.bytes !== null && <span className="faint"> {bytes(file.bytes)}</span>}
      </span>
      <Select
        aria-label={`What ${file.name} holds`}
        data={ROLES}
        value={file.role}
        onChange={(role) => role !== null && setRole(file.path, role)}
        w={112}
      />
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Remove ${file.name}`}
        onClick={() => removeFile(file.path)}
      >
        <Icon name="close" size={14} />
      </ActionIcon>
    </li>
  );
}

function PathField() {
  const [text, setText] = useState('');
  const submit = () => {
    addPaths(text);
    setText('');
  };
  return (
    <div className="stack tight">
      <Textarea
        label="Or paths on this machine"
        description="One file or folder a line."
        autosize
        minRows={1}
        maxRows={5}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            submit();
          }
        }}
      />
      <div className="row">
        <Button variant="default" disabled={text.trim() === ''} onClick={submit}>
          Add paths
        </Button>
      </div>
    </div>
  );
}

function pickNatively(): void {
  void window.host?.pickFiles({ multiple: true, title: 'Price files' }).then((paths) => addPaths(paths.join('\n')));
}

export function ImportFiles() {
  const { files, uploading, error, phase } = useImport();
  const [over, setOver] = useState(false);
  return (
    <Card title="Files">
      <div className="stack">
        <div
          className="drop"
          data-over={over}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            void uploadFiles([...event.dataTransfer.files]);
          }}
        >
          <p className="secondary">Drop CSV, gzip CSV or Parquet files here</p>
          {window.host === undefined ? (
            <FileButton multiple onChange={(chosen) => void uploadFiles(chosen)}>
              {(props) => (
                <Button {...props} variant="default">
                  Choose files
                </Button>
              )}
            </FileButton>
          ) : (
            <Button variant="default" onClick={pickNatively}>
              Choose files
            </Button>
          )}
        </div>
        {uploading.length > 0 && (
          <p className="caption" role="status">
            Handing over {uploading[0]}
            {uploading.length > 1 && ` and ${uploading.length - 1} more`} …
          </p>
        )}
        {error !== null && phase === 'choose' && (
          <p className="notice" role="alert">
            {error.message}
          </p>
        )}
        {files.length > 0 && (
          <ul className="plain-list stack tight">
            {files.map((file) => (
              <FileRow key={file.path} file={file} />
            ))}
          </ul>
        )}
        <PathField />
      </div>
    </Card>
  );
}
