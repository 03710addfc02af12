/** The icons of Sextant, drawn on a 20 px grid with one stroke; decorative, so always hidden from assistive technology. */
const PATHS = {
  brand: 'M10 2.5 3 13.7a9 9 0 0 0 14 0L10 2.5Zm0 0v12.4M5.9 14.2a5.4 5.4 0 0 0 8.2 0',
  overview: 'M3 3h6v8H3zM11 3h6v4h-6zM11 9h6v8h-6zM3 13h6v4H3z',
  data: 'M3 5.5C3 4 6 3 10 3s7 1 7 2.5S14 8 10 8 3 7 3 5.5Zm0 0v9C3 16 6 17 10 17s7-1 7-2.5v-9M3 10c0 1.5 3 2.5 7 2.5s7-1 7-2.5',
  research: 'M8 3v5L3.6 15.4A1.1 1.1 0 0 0 4.5 17h11a1.1 1.1 0 0 0 .9-1.6L12 8V3M6.5 3h7M6 12.5h8',
  backtests: 'M3 3v14h14M5.5 13l3-4 3 2.5L17 5',
  portfolio: 'M10 3v7l5 5A7 7 0 1 1 10 3Zm2.5 0A7 7 0 0 1 17 10h-4.5z',
  models: 'M10 2.5 16.5 6v8L10 17.5 3.5 14V6zM3.5 6 10 9.5 16.5 6M10 9.5v8',
  monitor: 'M2.5 10.5h3.5l2-6 4 11 2.2-5h3.3',
  reports: 'M5 2.5h7l3.5 3.5v11.5H5zM12 2.5V6h3.5M7.5 10h5.5M7.5 13h5.5',
  settings: 'M3 6h6M13 6h4M3 14h3M10 14h7M9 4v4M13 4v4M6 12v4M10 12v4',
  search: 'M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12Zm4.5-1.5L17 17',
  light:
    'M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M4.3 15.7l1.4-1.4M14.3 5.7l1.4-1.4',
  dark: 'M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5Z',
  close: 'M5 5l10 10M15 5 5 15',
  check: 'M4 10.5 8 14.5 16 5.5',
  copy: 'M7 7h9v9H7zM13 7V4H4v9h3',
  key: 'M12.5 11a4 4 0 1 0-3.7-2.5L3 14.3V17h2.7v-2h2v-2h1.6l1-1a4 4 0 0 0 2.2-1ZM13.5 6.5h.01',
  down: 'M5 8l5 5 5-5',
  plus: 'M10 4v12M4 10h12',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
