/** Amount, auto cash-out, and the one button that bets and cashes out; by keyboard too. */
import { type FormEvent, useState } from 'react';
import { useActionKeys } from '../action-keys.ts';
import { bets, openBetsOf } from '../bets.ts';
import { type MainAction, mainAction, readWish } from '../main-action.ts';
import type { Seat } from '../rooms/seat.ts';
import { useStakeLimits } from '../stake-limits.ts';
import { useStore } from '../store.ts';
import { wallet } from '../wallet.ts';
import { MainButton } from './MainButton.tsx';
import { StakeInput } from './StakeInput.tsx';

const FIRST_AMOUNT = '10';

export function BetPanel({ seat }: { seat: Seat }) {
  const [amountText, setAmountText] = useState(FIRST_AMOUNT);
  const [autoText, setAutoText] = useState('');
  const link = useStore(seat.table.link.state);
  const state = useStore(seat.table.state);
  const play = useStore(seat.play.state);
  const word = useStore(seat.word);
  const mine = useStore(bets);
  const balance = useStore(wallet)?.balance ?? null;
  const limits = useStakeLimits();

  const wish = readWish(amountText, autoText);
  const placed = mine.filter((bet) => bet.roundId === state?.roundId);
  const open = openBetsOf(state?.roundId ?? '', mine);
  const action = mainAction({ link, state, play, open, placed, wish, balance });

  function act(): void {
    if (action.kind === 'bet' && wish.amount !== null && wish.autoCashout !== 'invalid') {
      void seat.play.placeBet(wish.amount, wish.autoCashout);
    } else if (action.kind === 'cashout') {
      void seat.play.cashOut(open);
    }
  }
  useActionKeys(act);

  return (
    <form
      className="card bet-panel"
      aria-label="Your bet"
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        act();
      }}
    >
      <StakeInput
        text={amountText}
        invalid={wish.amount === null}
        most={Math.min(balance ?? limits.maxStake, limits.maxStake)}
        onChange={setAmountText}
      />
      <label className="field">
        <span className="field-label">Auto cash-out</span>
        <span className="input-with-unit">
          <input
            className="input"
            inputMode="decimal"
            autoComplete="off"
            placeholder="off"
            maxLength={9}
            value={autoText}
            aria-invalid={wish.autoCashout === 'invalid'}
            data-testid="auto-input"
            onChange={(event) => setAutoText(event.target.value)}
          />
          <span className="input-unit soft" aria-hidden="true">
            x
          </span>
        </span>
      </label>
      <MainButton action={action} open={open} table={seat.table} />
      <BelowButton action={action} asking={play.bet?.stage === 'asking'} seat={seat} word={word} />
    </form>
  );
}

interface BelowButtonProps {
  action: MainAction;
  asking: boolean;
  seat: Seat;
  word: { text: string; tone: string };
}

/** The last result, in a place of its own; before there is one, how the keyboard works. */
function BelowButton({ asking, seat, word }: BelowButtonProps) {
  const wanted = useStore(seat.play.state).bet?.wanted ?? false;
  return (
    <div className="bet-below">
      <p className="bet-word" data-testid="last-word" data-tone={word.tone} role="status">
        {word.text}
      </p>
      {asking && wanted ? (
        <button type="button" className="link" onClick={seat.play.dropWish}>
          If it did not arrive, do not send it again
        </button>
      ) : (
        <p className="keys soft">
          <kbd>Space</kbd> or <kbd>Enter</kbd> bets, then cashes out
        </p>
      )}
    </div>
  );
}
