/** The keys of the screen: listed with `?`, and `g` followed by a letter goes to a place. */
import { Modal } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { commandKey } from './top-bar';
import { PLACES } from './pages';

const CHORD_MS = 1_200;

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function KeysDialog() {
  const [opened, setOpened] = useState(false);
  const navigate = useNavigate();
  useEffect(() => {
    let chordUntil = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === '?') setOpened(true);
      else if (event.key === 'g') chordUntil = performance.now() + CHORD_MS;
      else if (performance.now() < chordUntil) {
        chordUntil = 0;
        const place = event.key === 'n' ? undefined : PLACES.find(({ key }) => key === event.key);
        if (place !== undefined) void navigate({ to: place.path });
        else if (event.key === 'n') void navigate({ to: '/research/new' });
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate]);
  return (
    <Modal
      opened={opened}
      onClose={() => setOpened(false)}
      title="Keys"
      size={420}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <table className="table">
        <tbody>
          <KeyRow keys={[commandKey]} what="Search and commands" />
          <KeyRow keys={['?']} what="This list" />
          {PLACES.map((place) => (
            <KeyRow key={place.key} keys={['g', place.key]} what={place.word} />
          ))}
          <KeyRow keys={['g', 'n']} what="New run" />
          <KeyRow keys={['Esc']} what="Close the dialog or side panel" />
        </tbody>
      </table>
    </Modal>
  );
}

function KeyRow({ keys, what }: { readonly keys: readonly string[]; readonly what: string }) {
  return (
    <tr>
      <th scope="row">{what}</th>
      <td className="right">
        {keys.map((key) => (
          <kbd key={key} className="key" style={{ marginLeft: 4 }}>
            {key}
          </kbd>
        ))}
      </td>
    </tr>
  );
}
