/** Sitting down: for a stake of one's own, or for that of somebody who waits. */
import { type FormEvent, useState } from 'react';
import type { DuelState, MatchSeat } from '../../../../src/protocol.ts';
import { useStakeLimits } from '../../catalogue.ts';
import { MainButton } from '../../components/MainButton.tsx';
import { StakeInput } from '../../components/StakeInput.tsx';
import { parseAmount } from '../../money.ts';
import type { Seat } from '../../rooms/seat.ts';
import { useStore } from '../../store.ts';
import { wallet } from '../../wallet.ts';
import { sitAction } from './action.ts';
import type { DuelCommands } from './commands.ts';
import { Elsewhere, ElsewhereLater } from './Elsewhere.tsx';
import { usePrize } from './rake.ts';

interface SitPanelProps {
  seat: Seat<DuelState>;
  commands: DuelCommands;
  opponent: MatchSeat | null;
}

const FIRST_STAKE = '50';

export function SitPanel({ seat, commands, opponent }: SitPanelProps) {
  const [text, setText] = useState(FIRST_STAKE);
  const link = useStore(seat.table.link.state);
  const state = useStore(seat.table.state);
  const play = useStore(seat.play.state);
  const asked = useStore(commands.asked);
  const balance = useStore(wallet)?.balance ?? null;
  const limits = useStakeLimits('duel');
  const prizeOf = usePrize();

  const own = parseAmount(text);
  const stake = opponent?.stake ?? own;
  const action = sitAction({
    link,
    state,
    play,
    asking: asked?.kind === 'sit',
    opponent: opponent?.player ?? null,
    stake,
    balance,
    prize: stake === null ? null : prizeOf(stake),
  });

  return (
    <>
      <form
        className="duel-form"
        aria-label="Take a seat"
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (action.kind === 'bet' && stake !== null) void commands.sit(stake);
        }}
      >
        {opponent === null ? (
          <StakeInput
            text={text}
            invalid={own === null}
            most={Math.min(balance ?? limits.maxStake, limits.maxStake)}
            onChange={setText}
          />
        ) : (
          <p>
            <strong>{opponent.player}</strong> waits for an opponent.
          </p>
        )}
        <MainButton action={action} />
      </form>
      {opponent === null ? <Elsewhere stake={own} /> : <ElsewhereLater />}
    </>
  );
}
