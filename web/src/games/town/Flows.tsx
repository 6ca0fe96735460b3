/** What a building makes and uses up, thing by thing: its store as it is now, and when that is full or empty. */
import { Amount } from '../../components/Amount.tsx';
import type { Inventory } from '../../rooms/news.ts';
import { type Level, type TownCatalogue, titleOf } from './catalogue.ts';
import { isAsked, type TownCommand } from './commands.ts';
import { MICRO, ratesOf, unitsOf, type Works } from './production.ts';
import type { Seen } from './standing.ts';
import { Thing } from './Thing.tsx';
import { spanText } from './words.ts';

interface FlowsProps {
  seen: Seen;
  catalogue: TownCatalogue;
  inventory: Inventory | null;
  asked: readonly TownCommand[];
  /** Null: not one's own. */
  onSupply: ((item: string) => void) | null;
}

export function Flows({ seen, catalogue, inventory, asked, onSupply }: FlowsProps) {
  const { level, works, standing } = seen;
  if (level === null) return null;
  return (
    <ul className="town-flows">
      {[...ratesOf(level)].map(([thing, rate]) => {
        const room = level.storage - Math.ceil((works?.store[thing] ?? 0) / MICRO);
        const held = inventory?.get(thing) ?? 0;
        const busy = isAsked(asked, standing.id, 'supply');
        return (
          <li key={thing} className="town-flow" data-testid={`flow-${thing}`} data-uses={rate < 0}>
            <Thing name={thing} size={28} />
            <div className="town-flow-text">
              <p className="town-flow-head">
                <span className="one-line">{capital(titleOf(catalogue, thing))}</span>
                <span className="town-flow-rate">
                  <Amount value={rate} sign /> an hour
                </span>
              </p>
              {works !== null && <Store thing={thing} level={level} works={works} />}
              <p className="town-flow-note">
                {works !== null && (
                  <FlowNote thing={thing} rate={rate} level={level} works={works} />
                )}
              </p>
            </div>
            {rate < 0 && onSupply !== null && works !== null && (
              <button
                type="button"
                className="button button-plain town-supply"
                data-testid={`supply-${thing}`}
                data-busy={busy}
                aria-disabled={held === 0 || room <= 0 || busy}
                aria-label={`Bring ${titleOf(catalogue, thing)}: you have ${held}`}
                onClick={() => held > 0 && room > 0 && !busy && onSupply(thing)}
              >
                <span>Bring</span>
                <Amount value={Math.min(held, Math.max(0, room))} />
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

interface StoreProps {
  thing: string;
  level: Level;
  works: Works;
}

function Store({ thing, level, works }: StoreProps) {
  const stock = works.store[thing] ?? 0;
  const part = level.storage === 0 ? 0 : Math.min(1, stock / (level.storage * MICRO));
  return (
    <div className="town-store">
      <span className="town-bar" data-full={part >= 1} aria-hidden="true">
        <span style={{ transform: `scaleX(${part.toFixed(4)})` }} />
      </span>
      <span className="town-store-text">
        <Amount value={unitsOf(works.store, thing)} />
        <span className="soft">
          {' / '}
          <Amount value={level.storage} />
        </span>
      </span>
    </div>
  );
}

function FlowNote({ thing, rate, level, works }: StoreProps & { rate: number }) {
  const stock = works.store[thing] ?? 0;
  if (works.readyIn > 0) return null;
  if (works.stopIn === 0) {
    const { stop } = works;
    if (stop?.thing !== thing) return 'Waits.';
    return stop.why === 'full' ? 'Full. Collect it.' : 'Out of it: nothing is made.';
  }
  const ms = rate > 0 ? (level.storage * MICRO - stock) / rate : stock / -rate;
  return rate > 0 ? `Full in ${spanText(ms)}` : `Lasts ${spanText(ms)}`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
