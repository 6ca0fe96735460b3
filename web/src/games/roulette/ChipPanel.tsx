/** The chips to choose from, what can be done with those on the table, and the button that places them all. */
import type { FormEvent } from 'react';
import type { Bet, RouletteState } from '../../../../src/protocol.ts';
import { useActionKeys } from '../../action-keys.ts';
import { bets } from '../../bets.ts';
import { LastWord } from '../../components/LastWord.tsx';
import { MainButton } from '../../components/MainButton.tsx';
import type { Seat } from '../../rooms/seat.ts';
import { useStore } from '../../store.ts';
import { wallet } from '../../wallet.ts';
import { rouletteAction } from './action.ts';
import { Chip } from './Chip.tsx';
import {
  add,
  CHIP_VALUES,
  type ChipLimits,
  type Chips,
  clear,
  double,
  totalOf,
  undo,
  wishesOf,
} from './chips.ts';
import { lastStacks, stakedIn } from './placed.ts';

interface ChipPanelProps {
  seat: Seat<RouletteState>;
  chips: Chips;
  /** Of the chip in hand. */
  value: number;
  limits: ChipLimits;
  /** The player's bets of this round. */
  ofRound: readonly Bet[];
  onValue(value: number): void;
  onChange(next: Chips | string): void;
  onPlaced(): void;
}

export function ChipPanel(props: ChipPanelProps) {
  const { seat, chips, value, limits, ofRound, onValue, onChange, onPlaced } = props;
  const link = useStore(seat.table.link.state);
  const state = useStore(seat.table.state);
  const play = useStore(seat.play.state);
  const balance = useStore(wallet)?.balance ?? null;
  const mine = useStore(bets);
  const total = totalOf(chips.stacks);
  // A round that is over is the last one already.
  const last = lastStacks(mine, state?.phase === 'settled' ? undefined : state?.roundId);
  const situation = { spots: chips.stacks.size, total, placed: stakedIn(ofRound), balance };
  const action = rouletteAction({ link, state, play, ...situation });

  async function act(): Promise<void> {
    if (action.kind !== 'bet') return;
    if ((await seat.play.place(wishesOf(chips.stacks))) !== null) onPlaced();
  }
  useActionKeys(() => void act());

  return (
    <form
      className="card bet-panel chip-panel"
      aria-label="Your chips"
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void act();
      }}
    >
      <fieldset className="tray" aria-label="Chip in hand">
        {CHIP_VALUES.map((chip) => (
          <label key={chip} className="tray-chip">
            <input
              type="radio"
              name="chip"
              className="visually-hidden"
              aria-label={String(chip)}
              checked={chip === value}
              data-testid={`chip-${chip}`}
              onChange={() => onValue(chip)}
            />
            <Chip amount={chip} kind="tray" />
          </label>
        ))}
      </fieldset>
      <div className="tray-tools">
        <Tool name="Undo" off={chips.past.length === 0} onPress={() => onChange(undo(chips))} />
        <Tool name="Clear" off={total === 0} onPress={() => onChange(clear(chips))} />
        <Tool name="Double" off={total === 0} onPress={() => onChange(double(chips, limits))} />
        <Tool
          name="Repeat"
          label="Repeat your last bets"
          off={last.size === 0}
          onPress={() => onChange(add(chips, last, limits))}
        />
      </div>
      <MainButton action={action} />
      <LastWord seat={seat}>
        <p className="keys soft">
          <kbd>Space</kbd> or <kbd>Enter</kbd> places what lies there
        </p>
      </LastWord>
    </form>
  );
}

interface ToolProps {
  name: string;
  label?: string;
  off: boolean;
  onPress(): void;
}

function Tool({ name, label = name, off, onPress }: ToolProps) {
  return (
    <button
      type="button"
      className="button button-plain tray-tool"
      aria-label={label}
      data-testid={`tool-${name.toLowerCase()}`}
      disabled={off}
      // As on the felt: Space goes on to mean "place".
      onPointerDown={(event) => event.preventDefault()}
      onClick={onPress}
    >
      {name}
    </button>
  );
}
