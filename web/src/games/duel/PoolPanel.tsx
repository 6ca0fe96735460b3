/** The spectators' pool: a bet on the winner, while it is open, and what one's own bets would return. */
import { type FormEvent, useId, useState } from 'react';
import type { Bet, DuelState } from '../../../../src/protocol.ts';
import { bets } from '../../bets.ts';
import { useStakeLimits } from '../../catalogue.ts';
import { Amount } from '../../components/Amount.tsx';
import { MainButton } from '../../components/MainButton.tsx';
import { StakeInput } from '../../components/StakeInput.tsx';
import { estimatedPayout, parseAmount } from '../../money.ts';
import type { Seat } from '../../rooms/seat.ts';
import { useStore } from '../../store.ts';
import { wallet } from '../../wallet.ts';
import { STATUS_TEXT } from '../../words.ts';
import { poolAction } from './action.ts';
import { DiscIcon } from './Disc.tsx';
import { ElsewhereLater } from './Elsewhere.tsx';
import { oddsText } from './odds.ts';
import { backedSeat } from './words.ts';

interface PoolPanelProps {
  seat: Seat<DuelState>;
  state: DuelState;
}

const FIRST_AMOUNT = '10';

export function PoolPanel({ seat, state }: PoolPanelProps) {
  const [text, setText] = useState(FIRST_AMOUNT);
  const [backed, setBacked] = useState<number | null>(null);
  const link = useStore(seat.table.link.state);
  const play = useStore(seat.play.state);
  const balance = useStore(wallet)?.balance ?? null;
  const limits = useStakeLimits('duel');

  const amount = parseAmount(text);
  const holder = backed === null ? undefined : state.seats[backed];
  const action = poolAction({
    link,
    state,
    play,
    backed: holder?.player ?? null,
    odds: holder?.odds ?? 0,
    amount,
    balance,
  });

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (action.kind !== 'bet' || amount === null || backed === null) return;
    void seat.play.place([{ amount, more: { selection: { type: 'winner', seat: backed } } }]);
  }

  return (
    <>
      <form className="duel-form" aria-label="Bet on the winner" noValidate onSubmit={submit}>
        <div className="card-head duel-pool-head">
          <h2>Who wins?</h2>
          <p className="soft" data-testid="duel-pool">
            <Amount value={state.staked} /> in the pool
          </p>
        </div>
        <Sides state={state} backed={backed} onBack={setBacked} />
        {state.bettingOpen ? (
          <StakeInput
            text={text}
            invalid={amount === null}
            most={Math.min(balance ?? limits.maxStake, limits.maxStake)}
            onChange={setText}
          />
        ) : (
          <p className="duel-closed soft" data-testid="duel-pool-closed">
            The pool is closed: bets are taken until a player has three discs on the board.
          </p>
        )}
        {state.bettingOpen && <MainButton action={action} />}
      </form>
      <OwnPool state={state} />
      <ElsewhereLater />
    </>
  );
}

interface SidesProps {
  state: DuelState;
  backed: number | null;
  onBack(seat: number): void;
}

function Sides({ state, backed, onBack }: SidesProps) {
  const name = useId();
  return (
    <fieldset className="duel-sides" disabled={!state.bettingOpen}>
      <legend className="visually-hidden">Bet on</legend>
      {state.seats.map(({ player, odds }, seat) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: its place is what a seat is
        <label className="duel-side" key={seat}>
          <input
            type="radio"
            className="visually-hidden"
            name={name}
            checked={backed === seat}
            data-testid={`duel-back-${seat}`}
            onChange={() => onBack(seat)}
          />
          <DiscIcon seat={seat} />
          <span className="one-line">{player}</span>
          <strong data-testid={`duel-odds-${seat}`}>{oddsText(odds)}</strong>
        </label>
      ))}
    </fieldset>
  );
}

/** The player's bets on this match, with what they would return at the odds of this moment. */
export function OwnPool({ state }: { state: DuelState }) {
  const placed = useStore(bets).filter((bet) => bet.roundId === state.roundId);
  if (placed.length === 0) return null;
  const open = placed.some((bet) => bet.status === 'accepted');
  return (
    <table className="rows duel-own" data-testid="duel-own-bets">
      <thead>
        <tr>
          <th scope="col">Your bets</th>
          <th scope="col">Stake</th>
          <th scope="col">{open ? 'Returns' : 'Paid'}</th>
        </tr>
      </thead>
      <tbody>
        {placed.map((bet) => (
          <Row key={bet.betId} bet={bet} state={state} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ bet, state }: { bet: Bet; state: DuelState }) {
  const seat = backedSeat(bet) ?? 0;
  const { player = '', odds = 0 } = state.seats[seat] ?? {};
  const worth = bet.status === 'accepted' ? estimatedPayout(bet.amount, odds) : (bet.payout ?? 0);
  return (
    <tr data-status={bet.status}>
      <td>
        <span className="duel-own-what">
          <DiscIcon seat={seat} size={18} />
          <span className="one-line">{player}</span>
        </span>
      </td>
      <td>
        <Amount value={bet.amount} />
      </td>
      <td>{worth > 0 ? <Amount value={worth} /> : STATUS_TEXT[bet.status]}</td>
    </tr>
  );
}
