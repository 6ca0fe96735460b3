/** The last result, in a place of its own. While an answer is missing: the way to take the wish back. */
import type { ReactNode } from 'react';
import type { Seat } from '../rooms/seat.ts';
import { useStore } from '../store.ts';

interface LastWordProps {
  seat: Pick<Seat, 'play' | 'word'>;
  /** What else stands below the button, e.g. how the keyboard works. */
  children?: ReactNode;
}

export function LastWord({ seat, children }: LastWordProps) {
  const word = useStore(seat.word);
  const { pending } = useStore(seat.play.state);
  return (
    <div className="bet-below">
      <p className="bet-word" data-testid="last-word" data-tone={word.tone} role="status">
        {word.text}
      </p>
      {pending?.stage === 'asking' && pending.wanted ? (
        <button type="button" className="link" onClick={seat.play.dropWish}>
          {pending.bets.length === 1
            ? 'If it did not arrive, do not send it again'
            : 'If they did not arrive, do not send them again'}
        </button>
      ) : (
        children
      )}
    </div>
  );
}
