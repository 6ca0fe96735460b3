/** A building from near: what it makes and holds, and what can be done with it. */
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { Icon } from '../../components/Icon.tsx';
import { lackInWords, lackOf, type Purse, priceOf } from './afford.ts';
import { type Level, nextLevelOf, type TownCatalogue } from './catalogue.ts';
import { isAsked, type TownCommand, type TownCommands } from './commands.ts';
import { Flows } from './Flows.tsx';
import { collectable } from './production.ts';
import { Portrait } from './SpriteArt.tsx';
import type { Seen } from './standing.ts';
import { Counted, PriceTag } from './Thing.tsx';
import { countdownText, spanText } from './words.ts';

interface SheetProps {
  seen: Seen;
  catalogue: TownCatalogue;
  purse: Purse;
  asked: readonly TownCommand[];
  /** Null: a town that one visits. */
  commands: TownCommands | null;
  /** Opened by keyboard, it takes the focus. */
  focused: boolean;
  /** Where it lies over the map: it covers all below this height of the window. */
  onCover(top: number): void;
  onMove(): void;
  onClose(): void;
}

export function Sheet(props: SheetProps) {
  const { seen, catalogue, commands, focused, onCover, onClose } = props;
  const { id, kind, building, level, width, height } = seen.standing;
  const sheet = useRef<HTMLElement>(null);
  const close = useRef<HTMLButtonElement>(null);
  const title = kind?.title ?? building;

  useEffect(() => {
    if (focused) close.current?.focus();
  }, [focused]);
  const onShown = useEffectEvent((element: HTMLElement) => {
    // Narrow screens have it over the map.
    if (getComputedStyle(element).position === 'fixed') {
      onCover(element.getBoundingClientRect().top);
    }
  });
  useEffect(() => onShown(sheet.current as HTMLElement), []);

  return (
    <section
      ref={sheet}
      className="card town-sheet"
      aria-label={title}
      data-testid="sheet"
      data-building={id}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <div className="town-sheet-head">
        <Portrait building={building} level={level} width={width} height={height} />
        <div className="town-sheet-title">
          <h2>{title}</h2>
          <p className="soft">
            Level {level}
            {kind && kind.levels.length > 1 && ` of ${kind.levels.length}`}
          </p>
        </div>
        <button
          type="button"
          className="icon-button"
          aria-label="Close"
          ref={close}
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </div>
      <div className="town-sheet-body">
        {seen.readyIn > 0 && <Waiting readyIn={seen.readyIn} level={seen.level} />}
        {kind?.about && seen.works === null && <p className="soft">{kind.about}</p>}
        <Flows
          seen={seen}
          catalogue={catalogue}
          inventory={props.purse.inventory}
          asked={props.asked}
          onSupply={
            commands && ((item) => void commands.carryOut({ type: 'supply', id: Number(id), item }))
          }
        />
        {commands !== null && <Deeds {...props} commands={commands} />}
      </div>
    </section>
  );
}

function Waiting({ readyIn, level }: { readyIn: number; level: Level | null }) {
  const whole = (level?.seconds ?? 0) * 1000;
  const part = whole > 0 ? Math.max(0, 1 - readyIn / whole) : 0;
  return (
    <div className="town-waiting" data-testid="sheet-timer">
      <p>
        Under construction, ready in <strong>{countdownText(readyIn)}</strong>
      </p>
      <span className="town-bar" aria-hidden="true">
        <span style={{ transform: `scaleX(${part.toFixed(4)})` }} />
      </span>
    </div>
  );
}

function Deeds(props: SheetProps & { commands: TownCommands }) {
  const { seen, catalogue, purse, asked, commands, onMove, onClose } = props;
  const { standing, works } = seen;
  const id = Number(standing.id);
  const ready = works === null ? [] : collectable(seen.level, works.store);
  const collecting = isAsked(asked, standing.id, 'collect');
  const holds = (seen.level?.storage ?? 0) > 0 || ready.length > 0;
  return (
    <>
      <div className="town-deeds">
        {holds && (
          <button
            type="button"
            className="button button-primary"
            data-testid="sheet-collect"
            data-busy={collecting}
            disabled={ready.length === 0 || collecting}
            onClick={() => void commands.carryOut({ type: 'collect', id })}
          >
            Collect
            {ready.map(([thing, units]) => (
              <Counted key={thing} thing={thing} quantity={units} catalogue={catalogue} />
            ))}
          </button>
        )}
        <button
          type="button"
          className="button button-plain"
          data-testid="sheet-move"
          disabled={isAsked(asked, standing.id, 'move')}
          onClick={onMove}
        >
          Move
        </button>
      </div>
      <Upgrade seen={seen} catalogue={catalogue} purse={purse} asked={asked} commands={commands} />
      <Demolish
        busy={isAsked(asked, standing.id, 'demolish')}
        onSure={async () => {
          if (await commands.carryOut({ type: 'demolish', id })) onClose();
        }}
      />
    </>
  );
}

type UpgradeProps = Pick<SheetProps, 'seen' | 'catalogue' | 'purse' | 'asked'> & {
  commands: TownCommands;
};

function Upgrade({ seen, catalogue, purse, asked, commands }: UpgradeProps) {
  const { standing, readyIn } = seen;
  const next = nextLevelOf(standing.kind, standing.level);
  if (next === null) {
    return <p className="town-upgrade-none soft">This is its highest level.</p>;
  }
  const price = priceOf(next);
  const lack = lackOf(price, purse);
  const busy = isAsked(asked, standing.id, 'upgrade');
  const refusal =
    readyIn > 0 ? 'Once it is built' : lack === null ? '' : lackInWords(lack, catalogue);
  return (
    <section className="town-upgrade" aria-label={`Level ${standing.level + 1}`}>
      <div className="town-upgrade-head">
        <h3>Level {standing.level + 1}</h3>
        <p className="soft">takes {spanText(next.seconds * 1000)}</p>
      </div>
      <p className="town-price town-upgrade-makes">
        {Object.entries(next.produces).map(([thing, rate]) => (
          <Counted key={thing} thing={thing} quantity={rate} catalogue={catalogue} />
        ))}
        {Object.keys(next.produces).length > 0 && <span className="soft">an hour</span>}
        {Object.keys(next.produces).length === 0 && (
          <span className="soft">More can be made here.</span>
        )}
      </p>
      <button
        type="button"
        className="button button-plain town-upgrade-button"
        data-testid="sheet-upgrade"
        data-busy={busy}
        disabled={refusal !== '' || busy}
        onClick={() => void commands.carryOut({ type: 'upgrade', id: Number(standing.id) })}
      >
        <span>Upgrade</span>
        <PriceTag price={price} lack={lack} catalogue={catalogue} />
      </button>
      <p className="town-refusal">{refusal}</p>
    </section>
  );
}

/** Asks once. */
function Demolish({ busy, onSure }: { busy: boolean; onSure(): Promise<void> }) {
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <button
        type="button"
        className="link town-demolish"
        data-testid="sheet-demolish"
        onClick={() => setAsking(true)}
      >
        Demolish
      </button>
    );
  }
  return (
    <div className="town-ask">
      <p>Half of the coins that it has cost come back, and all that lies in it.</p>
      <div className="town-deeds">
        <button
          type="button"
          className="button town-danger"
          data-testid="sheet-demolish-sure"
          disabled={busy}
          onClick={() => void onSure()}
        >
          Demolish
        </button>
        <button type="button" className="button button-plain" onClick={() => setAsking(false)}>
          Keep it
        </button>
      </div>
    </div>
  );
}
