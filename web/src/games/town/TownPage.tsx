/** One town: the map with what stands on it, and beside it what can be done; or only the map, for who visits. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { session } from '../../account/session.ts';
import { ReconnectBanner } from '../../components/ReconnectBanner.tsx';
import { useStore } from '../../store.ts';
import { wallet } from '../../wallet.ts';
import { CarriedAlong } from './CarriedAlong.tsx';
import { createDesk, type TownWorld } from './desk.ts';
import { backToFront } from './grid.ts';
import { isNowhere, Nowhere } from './Nowhere.tsx';
import { PlacingBar } from './PlacingBar.tsx';
import { usePlacing } from './placing.ts';
import { Sheet } from './Sheet.tsx';
import { Side } from './Side.tsx';
import { sentPlaces } from './sent.ts';
import { readCatalogue, shelf } from './shelf.ts';
import { seenAt, standingOf } from './standing.ts';
import { TownBar } from './TownBar.tsx';
import { type MapHandle, TownMap } from './TownMap.tsx';
import { TownStatus } from './TownStatus.tsx';
import { useTick } from './use-tick.ts';
import { VisitorSide } from './VisitorSide.tsx';
import { townTitle } from './words.ts';

const TICK_MS = 500;
const NOTHING = {};
/** Between a building and what lies over the map, in pixels. */
const SHEET_MARGIN = 12;

export function TownPage({ world }: { world: TownWorld }) {
  const [{ commands, word, say }] = useState(() => createDesk(world));
  const link = useStore(world.link.state);
  const state = useStore(world.state);
  const own = useStore(world.own);
  const inventory = useStore(world.inventory);
  const catalogue = useStore(shelf);
  const asked = useStore(commands.asked);
  const balance = useStore(wallet)?.balance ?? null;
  const who = useStore(session);
  const map = useRef<MapHandle>(null);
  const [selected, setSelected] = useState<{ id: string; byKey: boolean } | null>(null);
  const [carriedAt, setCarriedAt] = useState<{ x: number; y: number } | null>(null);

  const live = link.phase === 'live';
  useEffect(() => {
    if (live) void readCatalogue();
  }, [live]);

  const entries = state?.entries ?? NOTHING;
  const standing = useMemo(() => backToFront(standingOf(entries, catalogue)), [entries, catalogue]);
  const now = world.clock().now();
  const town = standing.map((one) => seenAt(one, own?.[one.id], now));
  useTick(
    town.some(({ moves }) => moves),
    TICK_MS,
  );

  const sent = sentPlaces(asked, standing, catalogue);
  const placing = usePlacing([...standing, ...sent.map((one) => ({ ...one, id: null }))]);

  if (isNowhere(link)) return <Nowhere code={link.code} />;
  const mine = who.status === 'signedIn' && state?.owner === who.user.username;
  const purse = { balance, inventory };
  const chosen = town.find((seen) => seen.standing.id === selected?.id);

  function drop(): void {
    const carried = placing.now();
    if (carried === null) return;
    const { id, building, place, by, outside } = carried;
    const { x, y } = place;
    const from = standing.find((one) => one.id === id);
    const stays = outside || (from?.x === x && from.y === y);
    const blocked = !stays && placing.hindrance(carried) !== null;
    if (blocked) say('There is no room for it there.');
    if (!blocked || by === 'drag') placing.end();
    if (stays || blocked) return;
    void commands.carryOut(
      id === null ? { type: 'build', building, x, y } : { type: 'move', id: Number(id), x, y },
    );
  }

  function closeSheet(): void {
    setSelected(null);
    if (selected?.byKey) map.current?.focus(selected.id);
  }

  return (
    <main className="table" data-game="town" data-testid="town" data-mine={mine}>
      <ReconnectBanner link={world.link} place="town" />
      <section className="card stage town-stage" aria-label="Town" data-live={live}>
        <TownBar state={state} mine={mine} />
        <div className="town-picture">
          <TownMap
            key={state?.world ?? 0}
            ref={map}
            town={town}
            title={state === null ? 'Town' : townTitle(state)}
            placing={placing}
            sent={sent}
            selected={chosen?.standing.id ?? null}
            mine={mine}
            onSelect={(id, byKey) => setSelected(id === null ? null : { id, byKey })}
            onCollect={(id) => void commands.carryOut({ type: 'collect', id: Number(id) })}
            onDrop={drop}
          />
          {placing.placing?.by === 'choice' && <PlacingBar placing={placing} onDrop={drop} />}
          {state !== null && (
            <TownStatus
              word={word}
              town={town}
              catalogue={catalogue}
              asked={asked}
              commands={mine ? commands : null}
              isPlacing={placing.placing !== null}
            />
          )}
        </div>
      </section>
      <aside className="town-side" data-sheet={chosen !== undefined}>
        {mine && catalogue !== null && (
          <Side
            catalogue={catalogue}
            town={town}
            purse={purse}
            asked={asked}
            commands={commands}
            placing={placing}
            map={map}
            onDrop={drop}
            onCarry={setCarriedAt}
          />
        )}
        {state !== null && !mine && <VisitorSide state={state} town={town} />}
        {chosen !== undefined && catalogue !== null && (
          <Sheet
            key={chosen.standing.id}
            seen={chosen}
            catalogue={catalogue}
            purse={purse}
            asked={asked}
            commands={mine ? commands : null}
            focused={selected?.byKey ?? false}
            onCover={(top) => map.current?.raise(chosen.standing.id, top - SHEET_MARGIN)}
            onMove={() => {
              placing.lift(chosen.standing, 'choice');
              setSelected(null);
              map.current?.focus();
            }}
            onClose={closeSheet}
          />
        )}
      </aside>
      {carriedAt !== null && placing.placing !== null && (
        <CarriedAlong at={carriedAt} carried={placing.placing} />
      )}
    </main>
  );
}
