/** Seated, and nobody there yet: how a friend finds this table, and the way out with the stake. */
import type { DuelState } from '../../../../src/protocol.ts';
import { DEFAULT_TABLE } from '../../address.ts';
import { Amount } from '../../components/Amount.tsx';
import type { Table } from '../../rooms/table.ts';
import { useStore } from '../../store.ts';
import type { DuelCommands } from './commands.ts';
import { ShareCode } from './ShareCode.tsx';

interface WaitPanelProps {
  table: Table<DuelState>;
  commands: DuelCommands;
  stake: number;
}

export function WaitPanel({ table, commands, stake }: WaitPanelProps) {
  const name = useStore(table.state)?.table ?? DEFAULT_TABLE;
  const busy = useStore(commands.asked) !== null;
  return (
    <>
      <div className="duel-lead" data-testid="duel-waiting">
        <p className="duel-big">
          <span className="duel-pulse" aria-hidden="true" />
          Waiting for an opponent
        </p>
        <p className="soft">
          <Amount value={stake} /> is in the pot. The match begins when the other seat is taken.
        </p>
      </div>
      {name !== DEFAULT_TABLE && <ShareCode code={name} />}
      <button
        type="button"
        className="button button-plain"
        data-testid="duel-stand"
        disabled={busy}
        onClick={() => void commands.stand()}
      >
        <span>
          Get up, and take <Amount value={stake} /> back
        </span>
      </button>
    </>
  );
}
