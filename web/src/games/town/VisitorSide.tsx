/** Beside the map of somebody else's town: whose it is, and what stands there. */
import { openTable } from '../../address.ts';
import type { WorldPicture } from '../../rooms/world.ts';
import { Portrait } from './SpriteArt.tsx';
import type { Seen } from './standing.ts';
import { townTitle } from './words.ts';

interface VisitorSideProps {
  state: WorldPicture<unknown>;
  town: readonly Seen[];
}

export function VisitorSide({ state, town }: VisitorSideProps) {
  return (
    <section className="card town-panel town-visit" aria-label="This town" data-testid="visit">
      <h2>{townTitle(state)}</h2>
      <p>
        <strong data-testid="visit-owner">{state.owner}</strong>{' '}
        <span className="soft">
          lets you look around. What happens here, you see as it happens.
        </span>
      </p>
      <ul className="town-panel-body town-census">
        {census(town).map(({ seen, count, top }) => {
          const { building, width, height, kind } = seen.standing;
          return (
            <li key={building}>
              <Portrait building={building} level={top} width={width} height={height} />
              <span className="one-line">{kind?.title ?? building}</span>
              <span className="soft">
                {count > 1 && `${count}, `}
                level {top}
              </span>
            </li>
          );
        })}
        {town.length === 0 && <li className="soft">Nothing stands here yet.</li>}
      </ul>
      <button
        type="button"
        className="button button-primary"
        data-testid="own-town"
        onClick={() => openTable('town')}
      >
        Go to your own town
      </button>
    </section>
  );
}

interface Counted {
  readonly seen: Seen;
  readonly count: number;
  /** The highest level of them. */
  readonly top: number;
}

/** How many there are of each kind, the most first. */
function census(town: readonly Seen[]): Counted[] {
  const counted = new Map<string, Counted>();
  for (const seen of town) {
    const { building, level } = seen.standing;
    const before = counted.get(building);
    counted.set(building, {
      seen,
      count: (before?.count ?? 0) + 1,
      top: Math.max(level, before?.top ?? 0),
    });
  }
  return [...counted.values()].sort((a, b) => b.count - a.count);
}
