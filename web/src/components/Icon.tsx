/** The few drawings of the page, as strokes in the colour of the text. */
const PATHS = {
  check: 'M4 10.5 8.2 15 16 5.5',
  cross: 'M5 5l10 10M15 5 5 15',
  close: 'M5 5l10 10M15 5 5 15',
  plus: 'M10 4v12M4 10h12',
  minus: 'M4 10h12',
  link: 'M8.5 11.5a3.2 3.2 0 0 0 4.6 0l3-3a3.25 3.25 0 0 0-4.6-4.6l-1 1M11.5 8.5a3.2 3.2 0 0 0-4.6 0l-3 3a3.25 3.25 0 0 0 4.6 4.6l1-1',
  person:
    'M10 10.2a3.4 3.4 0 1 0 0-6.8 3.4 3.4 0 0 0 0 6.8ZM3.6 17c.9-3 3.4-4.4 6.4-4.4s5.5 1.4 6.4 4.4',
  history: 'M4 4.5v3.6h3.6M4.3 8A6.5 6.5 0 1 1 3.6 11M10 6.5V10l2.6 2',
  undo: 'M4.5 7.5h7a4 4 0 0 1 0 8H8M7.5 4.5l-3 3 3 3',
  house: 'M3 9.5 10 4l7 5.5M5.2 8v8h9.6V8M8.5 16v-4h3v4',
  tables: 'M3.5 5h13M3.5 10h13M3.5 15h13',
  seal: 'M5.5 9V6.8a4.5 4.5 0 0 1 9 0V9M4 9h12v8H4Z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
