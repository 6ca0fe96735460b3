/** While a chosen building waits for its place: what to do, and whether it fits where it is. */
import { Icon } from '../../components/Icon.tsx';
import type { PlacingHandle } from './placing.ts';

interface PlacingBarProps {
  placing: PlacingHandle;
  onDrop(): void;
}

const HINDRANCES = { outside: 'beyond the edge', taken: 'something stands there' } as const;

export function PlacingBar({ placing, onDrop }: PlacingBarProps) {
  const { placing: carried } = placing;
  if (carried === null) return null;
  const { id, title, place } = carried;
  const hindrance = placing.hindrance(carried);
  const where = `column ${place.x + 1}, row ${place.y + 1}`;
  return (
    <div className="town-placing" data-testid="placing" data-fits={hindrance === null}>
      <p>
        <strong>{title}</strong>
        <span className="soft" role="status">
          {hindrance === null ? `fits at ${where}` : `${where}: ${HINDRANCES[hindrance]}`}
        </span>
      </p>
      <button
        type="button"
        className="button button-primary"
        data-testid="placing-drop"
        disabled={hindrance !== null}
        onClick={onDrop}
      >
        {id === null ? 'Build here' : 'Move here'}
      </button>
      <button type="button" className="icon-button" aria-label="Cancel" onClick={placing.end}>
        <Icon name="close" />
      </button>
    </div>
  );
}
