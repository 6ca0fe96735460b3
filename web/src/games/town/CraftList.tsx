/** What can be made by hand: what it takes, where it is made, and what is missing. */
import { Amount } from '../../components/Amount.tsx';
import { craftable, lackInWords, lackOf, type Purse } from './afford.ts';
import type { Recipe, TownCatalogue, Ware } from './catalogue.ts';
import type { TownCommand, TownCommands } from './commands.ts';
import type { Seen } from './standing.ts';
import { Counted, Thing } from './Thing.tsx';

interface CraftListProps {
  catalogue: TownCatalogue;
  town: readonly Seen[];
  purse: Purse;
  asked: readonly TownCommand[];
  commands: TownCommands;
}

export function CraftList({ catalogue, town, purse, asked, commands }: CraftListProps) {
  const made = [...catalogue.wares.values()].filter((ware) => ware.recipe !== null);
  return (
    <ul className="town-crafts">
      {made.map((ware) => (
        <CraftRow
          key={ware.name}
          ware={ware}
          recipe={ware.recipe as Recipe}
          catalogue={catalogue}
          workshop={workshopRefusal(ware.recipe as Recipe, town, catalogue)}
          purse={purse}
          busy={asked.some((command) => command.type === 'craft' && command.item === ware.name)}
          onCraft={(quantity) =>
            void commands.carryOut({ type: 'craft', item: ware.name, quantity })
          }
        />
      ))}
    </ul>
  );
}

interface CraftRowProps {
  ware: Ware;
  recipe: Recipe;
  catalogue: TownCatalogue;
  /** Why it cannot be made anywhere here; '' when it can. */
  workshop: string;
  purse: Purse;
  busy: boolean;
  onCraft(quantity: number): void;
}

/** As many as one command makes at most. */
const MOST_AT_ONCE = 100;

function CraftRow({ ware, recipe, catalogue, workshop, purse, busy, onCraft }: CraftRowProps) {
  const held = purse.inventory?.get(ware.name) ?? 0;
  const lack = lackOf({ coins: 0, items: recipe.takes }, purse);
  const most = Math.min(MOST_AT_ONCE, craftable(recipe, purse, ware.stack - held));
  const refusal =
    workshop || (lack && lackInWords(lack, catalogue)) || (most === 0 && 'No room for more') || '';
  const off = refusal !== '' || busy;
  return (
    <li className="town-craft" data-ready={refusal === ''}>
      <Thing name={ware.name} size={30} />
      <div className="town-craft-text">
        <p className="town-craft-title">
          <span className="one-line">
            {recipe.makes > 1 && `${recipe.makes} `}
            {ware.title}
          </span>
          <span className="soft">
            you have <Amount value={held} />
          </span>
        </p>
        <p className="town-price">
          {Object.entries(recipe.takes).map(([item, quantity]) => (
            <Counted
              key={item}
              thing={item}
              quantity={quantity}
              catalogue={catalogue}
              missing={lack !== null && item in lack.items}
            />
          ))}
        </p>
        <p className="town-craft-note soft">{refusal || ware.about}</p>
      </div>
      <div className="town-craft-buttons">
        <button
          type="button"
          className="button button-plain"
          data-testid={`craft-${ware.name}`}
          data-busy={busy}
          aria-disabled={off}
          aria-label={`Make ${recipe.makes} ${ware.title}${refusal && ` (${refusal})`}`}
          onClick={() => off || onCraft(1)}
        >
          Make
        </button>
        {most > 1 && refusal === '' && (
          <button
            type="button"
            className="link"
            disabled={busy}
            aria-label={`Make ${ware.title} ${most} times`}
            onClick={() => onCraft(most)}
          >
            {most} times
          </button>
        )}
      </div>
    </li>
  );
}

function workshopRefusal({ at }: Recipe, town: readonly Seen[], { kinds }: TownCatalogue): string {
  if (at === null) return '';
  const there = town.filter(
    ({ standing }) => standing.building === at.building && standing.level >= at.level,
  );
  const title = kinds.get(at.building)?.title ?? at.building;
  if (there.length === 0)
    return `Needs a ${title.toLowerCase()}${at.level > 1 ? `, level ${at.level}` : ''}`;
  return there.some(({ readyIn }) => readyIn === 0) ? '' : `${title} is still being built`;
}
