/** The rail: every place with icon and word. */
import { Link } from '@tanstack/react-router';
import { Icon } from '#renderer/ui/icon';
import { PLACES, type Place } from './pages';

function RailLink({ place }: { readonly place: Place }) {
  return (
    <Link to={place.path} activeOptions={{ exact: place.path === '/' }} title={`${place.purpose} (g ${place.key})`}>
      <Icon name={place.icon} />
      {place.word}
    </Link>
  );
}

export function Rail() {
  const upper = PLACES.filter(({ path }) => path !== '/settings');
  const lower = PLACES.filter(({ path }) => path === '/settings');
  return (
    <nav className="rail" aria-label="Places">
      <div className="rail-brand" title="Sextant">
        <Icon name="brand" size={22} />
      </div>
      {upper.map((place) => (
        <RailLink key={place.path} place={place} />
      ))}
      <div className="rail-rest" />
      {lower.map((place) => (
        <RailLink key={place.path} place={place} />
      ))}
    </nav>
  );
}
