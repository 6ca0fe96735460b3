/** One roulette table: wheel and felt on stage, chips in the panel. What lies on the felt belongs to both. */
import { useState } from 'react';
import type { RouletteState } from '../../../../src/protocol.ts';
import { bets } from '../../bets.ts';
import { useStakeLimits } from '../../catalogue.ts';
import { TableLayout } from '../../components/TableLayout.tsx';
import type { Seat } from '../../rooms/seat.ts';
import { useStore } from '../../store.ts';
import { wallet } from '../../wallet.ts';
import { ChipPanel } from './ChipPanel.tsx';
import { add, CHIP_VALUES, type ChipLimits, type Chips, NO_CHIPS, removeFrom } from './chips.ts';
import { Felt } from './Felt.tsx';
import { placedStacks } from './placed.ts';
import { RouletteStage } from './RouletteStage.tsx';

export function RouletteTable({ seat }: { seat: Seat<RouletteState> }) {
  const state = useStore(seat.table.state);
  const inFlight = useStore(seat.play.state).pending !== null;
  const balance = useStore(wallet)?.balance ?? null;
  const mine = useStore(bets);
  const { maxStake, maxBetsPerPlayer } = useStakeLimits('roulette');
  const [chips, setChips] = useState(NO_CHIPS);
  const [value, setValue] = useState<number>(CHIP_VALUES[2]);

  const ofRound = mine.filter((bet) => bet.roundId === state?.roundId);
  const limits: ChipLimits = {
    maxStake,
    balance: balance ?? Number.MAX_SAFE_INTEGER,
    // Those that lie there between rounds are for the next one.
    betsLeft: maxBetsPerPlayer - (state?.bettingOpen ? ofRound.length : 0),
  };

  /** What is on its way to the server is not changed. */
  function change(next: Chips | string): void {
    if (inFlight) return;
    if (typeof next === 'string') seat.say(next, 'plain');
    else setChips(next);
  }

  return (
    <TableLayout
      seat={seat}
      stage={
        <RouletteStage table={seat.table}>
          <Felt
            stacks={chips.stacks}
            placed={placedStacks(ofRound)}
            drawn={state?.phase === 'settled' && state.number >= 0 ? state.number : null}
            onAdd={(id) => change(add(chips, new Map([[id, value]]), limits))}
            onRemove={(id) => change(removeFrom(chips, id))}
          />
        </RouletteStage>
      }
      panel={
        <ChipPanel
          seat={seat}
          chips={chips}
          value={value}
          limits={limits}
          ofRound={ofRound}
          onValue={setValue}
          onChange={change}
          onPlaced={() => setChips(NO_CHIPS)}
        />
      }
    />
  );
}
