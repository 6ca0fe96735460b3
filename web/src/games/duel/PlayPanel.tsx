/** At the board: whose move it is, draws offered and asked for, and giving up. */
import { useState } from 'react';
import type { DuelState } from '../../../../src/protocol.ts';
import { Amount } from '../../components/Amount.tsx';
import { useStore } from '../../store.ts';
import type { DuelCommands } from './commands.ts';
import { DiscIcon } from './Disc.tsx';
import { usePrize } from './rake.ts';
import { DISCS } from './words.ts';

interface PlayPanelProps {
  state: DuelState;
  commands: DuelCommands;
  me: number;
}

export function PlayPanel({ state, commands, me }: PlayPanelProps) {
  const [resigning, setResigning] = useState(false);
  const busy = useStore(commands.asked) !== null;
  const stake = state.seats[me]?.stake ?? 0;
  const prize = usePrize()(stake);
  const other = state.seats[1 - me];
  return (
    <>
      <div className="duel-lead">
        <p className="duel-big" data-testid="duel-turn" data-mine={state.turn === me}>
          <DiscIcon seat={me} size={24} />
          {state.turn === me ? 'Your move' : `${other?.player ?? ''} is thinking`}
        </p>
        <p className="soft">
          You play {DISCS[me]}.{' '}
          {prize !== null && (
            <>
              The winner gets <Amount value={prize} />.
            </>
          )}
        </p>
        {other?.connected === false && (
          <p className="duel-gone">
            {other.player} has lost the connection. The clock runs on; the seat is held for a
            minute.
          </p>
        )}
      </div>
      {state.drawOffer === 1 - me ? (
        <DrawOffered name={other?.player ?? ''} busy={busy} commands={commands} />
      ) : resigning ? (
        <section className="duel-ask" aria-label="Resign">
          <p>
            Resign, and lose your <Amount value={stake} />?
          </p>
          <div className="duel-buttons">
            <button
              type="button"
              className="button duel-danger"
              data-testid="duel-resign-sure"
              disabled={busy}
              onClick={() => void commands.resign()}
            >
              Resign
            </button>
            <button
              type="button"
              className="button button-plain"
              onClick={() => setResigning(false)}
            >
              Play on
            </button>
          </div>
        </section>
      ) : (
        <div className="duel-buttons">
          <button
            type="button"
            className="button button-plain"
            data-testid="duel-offer-draw"
            disabled={busy || state.drawOffer === me}
            onClick={() => void commands.offerDraw()}
          >
            {state.drawOffer === me ? 'Draw offered' : 'Offer a draw'}
          </button>
          <button
            type="button"
            className="button button-plain"
            data-testid="duel-resign"
            onClick={() => setResigning(true)}
          >
            Resign
          </button>
        </div>
      )}
      <p className="keys soft">
        <kbd>1</kbd> to <kbd>7</kbd> drop a disc
      </p>
    </>
  );
}

interface DrawOfferedProps {
  name: string;
  busy: boolean;
  commands: DuelCommands;
}

function DrawOffered({ name, busy, commands }: DrawOfferedProps) {
  return (
    <div className="duel-ask" role="alert" data-testid="duel-draw-offer">
      <p>
        <strong>{name}</strong> offers a draw: both stakes go back.
      </p>
      <div className="duel-buttons">
        <button
          type="button"
          className="button button-primary"
          data-testid="duel-draw-accept"
          disabled={busy}
          onClick={() => void commands.answerDraw(true)}
        >
          Accept
        </button>
        <button
          type="button"
          className="button button-plain"
          data-testid="duel-draw-decline"
          disabled={busy}
          onClick={() => void commands.answerDraw(false)}
        >
          Decline
        </button>
      </div>
    </div>
  );
}
