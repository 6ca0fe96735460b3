/**
 * What was: the player's own bets on all games, and, at a table, its last rounds. Each finished round can be checked.
 */
import { useState } from 'react';
import type { GameWords } from '../games/words.ts';
import type { Seat } from '../rooms/seat.ts';
import { Dialog } from './Dialog.tsx';
import { OwnBets } from './OwnBets.tsx';
import { ProofDialog } from './ProofDialog.tsx';
import { TableRounds } from './TableRounds.tsx';

interface CheckedRound {
  readonly roundId: string;
  readonly game: GameWords;
}

interface HistoryDialogProps {
  /** Null: not at a table. */
  seat: Seat | null;
  onClose(): void;
}

export function HistoryDialog({ seat, onClose }: HistoryDialogProps) {
  const [tab, setTab] = useState<'bets' | 'rounds'>('bets');
  const [checkedRound, setCheckedRound] = useState<CheckedRound | null>(null);
  return (
    <Dialog title="History" wide onClose={onClose}>
      {seat !== null && (
        <fieldset className="switch" aria-label="Which history">
          <button type="button" aria-pressed={tab === 'bets'} onClick={() => setTab('bets')}>
            Your bets
          </button>
          <button
            type="button"
            aria-pressed={tab === 'rounds'}
            data-testid="rounds-tab"
            onClick={() => setTab('rounds')}
          >
            Rounds of this table
          </button>
        </fieldset>
      )}
      {tab === 'bets' || seat === null ? (
        <OwnBets onCheck={(roundId, game) => setCheckedRound({ roundId, game })} />
      ) : (
        <TableRounds
          seat={seat}
          onCheck={(roundId) => setCheckedRound({ roundId, game: seat.view })}
        />
      )}
      {checkedRound !== null && (
        <ProofDialog
          key={checkedRound.roundId}
          {...checkedRound}
          seenCommitment={seat?.table.commitments.get(checkedRound.roundId) ?? null}
          onClose={() => setCheckedRound(null)}
        />
      )}
    </Dialog>
  );
}
