/** Under the map: what was done last, and the button that brings in all there is. */
import { type ReadableStore, useStore } from '../../store.ts';
import type { TownCatalogue } from './catalogue.ts';
import type { TownCommand, TownCommands } from './commands.ts';
import { harvestOf, type Seen } from './standing.ts';
import { Counted } from './Thing.tsx';

interface TownStatusProps {
  word: ReadableStore<string>;
  town: readonly Seen[];
  catalogue: TownCatalogue | null;
  asked: readonly TownCommand[];
  /** Null: a town that one visits. */
  commands: TownCommands | null;
  isPlacing: boolean;
}

/** More kinds of things are summed up. */
const THINGS_SHOWN = 3;

export function TownStatus(props: TownStatusProps) {
  const { town, catalogue, asked, commands, isPlacing } = props;
  const word = useStore(props.word);
  const harvest = [...harvestOf(town)].sort(([, a], [, b]) => b - a);
  const busy = asked.some((command) => command.type === 'collect' && command.id === undefined);
  const isEmpty = town.length === 0 && commands !== null;
  return (
    <>
      {isEmpty && !isPlacing && (
        <p className="town-hint">
          Nothing stands here yet. Drag a building onto the grass, or choose one and place it.
        </p>
      )}
      <div className="town-foot">
        <p className="town-word" role="status" data-testid="last-word" data-shown={word !== ''}>
          {word}
        </p>
        {commands !== null && catalogue !== null && !isEmpty && (
          <button
            type="button"
            className="button town-collect"
            data-testid="collect-all"
            data-busy={busy}
            disabled={harvest.length === 0 || busy}
            onClick={() => void commands.carryOut({ type: 'collect' })}
          >
            <span>Collect all</span>
            {harvest.slice(0, THINGS_SHOWN).map(([thing, units]) => (
              <Counted key={thing} thing={thing} quantity={units} catalogue={catalogue} />
            ))}
            {harvest.length > THINGS_SHOWN && <span>...</span>}
          </button>
        )}
      </div>
    </>
  );
}
