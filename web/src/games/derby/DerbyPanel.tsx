/** What to bet on, how much, and the one button that places it; by keyboard too. */
import { type FormEvent, useState } from 'react';
import type { DerbyState } from '../../../../src/protocol.ts';
import { useActionKeys } from '../../action-keys.ts';
import { bets } from '../../bets.ts';
import { useStakeLimits } from '../../catalogue.ts';
import { LastWord } from '../../components/LastWord.tsx';
import { MainButton } from '../../components/MainButton.tsx';
import { StakeInput } from '../../components/StakeInput.tsx';
import { parseAmount } from '../../money.ts';
import type { Seat } from '../../rooms/seat.ts';
import { useStore } from '../../store.ts';
import { wallet } from '../../wallet.ts';
import { derbyAction } from './action.ts';
import { oddsOf, type Selection, selectionOf } from './bets.ts';
import { useMarket, usePart } from './follow.ts';
import { OddsBoard } from './OddsBoard.tsx';
import { OwnBets } from './OwnBets.tsx';

const FIRST_AMOUNT = '10';

export function DerbyPanel({ seat }: { seat: Seat<DerbyState> }) {
  const { table, play } = seat;
  const [amountText, setAmountText] = useState(FIRST_AMOUNT);
  const [selection, setSelection] = useState<Selection | null>(null);
  const link = useStore(table.link.state);
  // The button depends on no more of the state than this; the runners move twenty times a second.
  usePart(table, (state) => state.phase);
  const roundId = usePart(table, (state) => state.roundId);
  const bettingOpen = usePart(table, (state) => state.bettingOpen) ?? false;
  const playing = useStore(play.state);
  const market = useMarket(table);
  const balance = useStore(wallet)?.balance ?? null;
  const placed = useStore(bets).filter((bet) => bet.roundId === roundId);
  const limits = useStakeLimits('derby');

  const amount = parseAmount(amountText);
  const odds = market === null || selection === null ? 0 : oddsOf(market, selection);
  const action = derbyAction({
    link,
    state: table.state.get(),
    play: playing,
    selection,
    odds,
    amount,
    balance,
  });

  function act(): void {
    if (action.kind !== 'bet' || amount === null || selection === null) return;
    const { type, runner } = selection;
    void play.place([{ amount, more: { selection: { type, runner } } }]);
  }
  useActionKeys(act);

  const backed = placed.flatMap((bet) => selectionOf(bet) ?? []);
  return (
    <form
      className="card bet-panel derby-panel"
      aria-label="Your bet"
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        act();
      }}
    >
      <OddsBoard
        table={table}
        selection={selection}
        open={bettingOpen}
        backed={new Set(backed.map(({ type, runner }) => `${type} ${runner}`))}
        onSelect={setSelection}
      />
      <StakeInput
        text={amountText}
        invalid={amount === null}
        most={Math.min(balance ?? limits.maxStake, limits.maxStake)}
        onChange={setAmountText}
      />
      <MainButton action={action} />
      <OwnBets table={table} placed={placed} />
      <LastWord seat={seat}>
        <p className="keys soft">
          <kbd>Space</kbd> or <kbd>Enter</kbd> places the bet
        </p>
      </LastWord>
    </form>
  );
}
