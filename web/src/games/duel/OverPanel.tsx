/** After a match: how it ended, what it came to, and what may follow. */
import type { DuelState } from '../../../../src/protocol.ts';
import { DEFAULT_TABLE, openTable } from '../../address.ts';
import { MainButton } from '../../components/MainButton.tsx';
import { wait } from '../../main-action.ts';
import { useStore } from '../../store.ts';
import { wallet } from '../../wallet.ts';
import type { DuelCommands } from './commands.ts';
import { DiscIcon } from './Disc.tsx';
import { ElsewhereLater } from './Elsewhere.tsx';
import { usePrize } from './rake.ts';
import { endingText, ownEndingText } from './words.ts';

interface OverPanelProps {
  state: DuelState;
  commands: DuelCommands;
  me: number | null;
}

export function OverPanel({ state, commands, me }: OverPanelProps) {
  const prizeOf = usePrize();
  const stake = me === null ? 0 : (state.seats[me]?.stake ?? 0);
  const word =
    me === null
      ? ({ text: endingText(state), tone: 'plain' } as const)
      : ownEndingText(state, me, prizeOf(stake));
  return (
    <>
      <div className="duel-result" data-testid="duel-result" data-tone={word.tone}>
        {state.winner >= 0 && <DiscIcon seat={state.winner} size={34} />}
        <p>{word.text}</p>
      </div>
      {me !== null && <Rematch state={state} commands={commands} stake={stake} me={me} />}
      {state.table === DEFAULT_TABLE ? (
        <ElsewhereLater />
      ) : (
        <button
          type="button"
          className="button button-plain"
          data-testid="duel-leave"
          onClick={() => openTable('duel', DEFAULT_TABLE)}
        >
          Leave this table
        </button>
      )}
    </>
  );
}

interface RematchProps {
  state: DuelState;
  commands: DuelCommands;
  stake: number;
  me: number;
}

function Rematch({ state, commands, stake, me }: RematchProps) {
  const asking = useStore(commands.asked)?.kind === 'sit';
  const balance = useStore(wallet)?.balance ?? 0;
  const offer = {
    kind: 'bet',
    label: `Rematch for ${stake}`,
    detail: `against ${state.seats[1 - me]?.player ?? ''}`,
  };
  const action = asking
    ? wait('Taking the seat', 'not taken yet')
    : balance < stake
      ? wait('More than your balance', `a rematch is for ${stake}`)
      : offer;
  return (
    <form
      className="duel-form"
      aria-label="Rematch"
      onSubmit={(event) => {
        event.preventDefault();
        if (action.kind === 'bet') void commands.rematch();
      }}
    >
      <MainButton action={action} />
    </form>
  );
}
