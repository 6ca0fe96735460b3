/** Amount, auto cash-out, and the one button that bets and cashes out; by keyboard too. */
import { type FormEvent, useState } from 'react';
import type { CrashState } from '../../../../src/protocol.ts';
import { useActionKeys } from '../../action-keys.ts';
import { bets, openBetsOf } from '../../bets.ts';
import { useStakeLimits } from '../../catalogue.ts';
import { LastWord } from '../../components/LastWord.tsx';
import { MainButton } from '../../components/MainButton.tsx';
import { StakeInput } from '../../components/StakeInput.tsx';
import type { Seat } from '../../rooms/seat.ts';
import { useStore } from '../../store.ts';
import { wallet } from '../../wallet.ts';
import { crashAction, readWish } from './action.ts';
import { WorthNow } from './WorthNow.tsx';

const FIRST_AMOUNT = '10';

export function BetPanel({ seat }: { seat: Seat<CrashState> }) {
  const [amountText, setAmountText] = useState(FIRST_AMOUNT);
  const [autoText, setAutoText] = useState('');
  const link = useStore(seat.table.link.state);
  const state = useStore(seat.table.state);
  const play = useStore(seat.play.state);
  const mine = useStore(bets);
  const balance = useStore(wallet)?.balance ?? null;
  const limits = useStakeLimits('crash');

  const wish = readWish(amountText, autoText);
  const placed = mine.filter((bet) => bet.roundId === state?.roundId);
  const open = openBetsOf(state?.roundId ?? '', mine);
  const action = crashAction({ link, state, play, open, placed, wish, balance });

  function act(): void {
    if (action.kind === 'bet' && wish.amount !== null && wish.autoCashout !== 'invalid') {
      const { amount, autoCashout } = wish;
      void seat.play.place([{ amount, more: autoCashout === null ? {} : { autoCashout } }]);
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
      <MainButton
        action={action}
        detail={action.kind === 'cashout' && <WorthNow open={open} table={seat.table} />}
      />
      <LastWord seat={seat}>
        <p className="keys soft">
          <kbd>Space</kbd> or <kbd>Enter</kbd> bets, then cashes out
        </p>
      </LastWord>
    </form>
  );
}
