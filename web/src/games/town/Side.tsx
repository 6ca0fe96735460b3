/** Beside the map of one's own town: what can be built, what one has, and what can be made of it. */
import { type RefObject, useState } from 'react';
import type { Purse } from './afford.ts';
import { BuildList } from './BuildList.tsx';
import { CraftList } from './CraftList.tsx';
import type { TownCatalogue } from './catalogue.ts';
import type { TownCommand, TownCommands } from './commands.ts';
import { ItemList } from './ItemList.tsx';
import type { PlacingHandle } from './placing.ts';
import type { Seen } from './standing.ts';
import type { MapHandle } from './TownMap.tsx';

interface SideProps {
  catalogue: TownCatalogue;
  town: readonly Seen[];
  purse: Purse;
  asked: readonly TownCommand[];
  commands: TownCommands;
  placing: PlacingHandle;
  map: RefObject<MapHandle | null>;
  onDrop(): void;
  onCarry(at: { x: number; y: number } | null): void;
}

const TABS = [
  ['build', 'Build'],
  ['items', 'Items'],
  ['craft', 'Craft'],
] as const;

export function Side({
  catalogue,
  town,
  purse,
  asked,
  commands,
  placing,
  map,
  onDrop,
  onCarry,
}: SideProps) {
  const [tab, setTab] = useState<(typeof TABS)[number][0]>('build');
  const shared = { catalogue, purse, asked, commands };
  return (
    <section className="card town-panel" aria-label="Build, trade and craft" data-tab={tab}>
      <fieldset className="switch town-tabs" aria-label="What to do">
        {TABS.map(([name, title]) => (
          <button
            key={name}
            type="button"
            aria-pressed={tab === name}
            data-testid={`tab-${name}`}
            onClick={() => setTab(name)}
          >
            {title}
          </button>
        ))}
      </fieldset>
      <div className="town-panel-body">
        {tab === 'build' && (
          <BuildList
            catalogue={catalogue}
            purse={purse}
            placing={placing}
            map={map}
            onDrop={onDrop}
            onCarry={onCarry}
          />
        )}
        {tab === 'items' && <ItemList {...shared} />}
        {tab === 'craft' && <CraftList {...shared} town={town} />}
      </div>
    </section>
  );
}
