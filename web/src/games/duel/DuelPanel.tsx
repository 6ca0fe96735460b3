/** What there is to be done at this table, which depends on where the player stands. */
import type { DuelState } from '../../../../src/protocol.ts';
import { LastWord } from '../../components/LastWord.tsx';
import type { Seat } from '../../rooms/seat.ts';
import { useStore } from '../../store.ts';
import type { DuelCommands } from './commands.ts';
import { OverPanel } from './OverPanel.tsx';
import { PlayPanel } from './PlayPanel.tsx';
import { OwnPool, PoolPanel } from './PoolPanel.tsx';
import { SitPanel } from './SitPanel.tsx';
import type { Situation } from './situation.ts';
import { WaitPanel } from './WaitPanel.tsx';

interface DuelPanelProps {
  seat: Seat<DuelState>;
  situation: Situation;
  commands: DuelCommands;
}

export function DuelPanel(props: DuelPanelProps) {
  const { seat, situation } = props;
  return (
    <section
      className="card bet-panel duel-panel"
      aria-label="Your part"
      data-testid="duel-panel"
      data-situation={situation.kind}
    >
      <Part {...props} />
      {situation.kind !== 'over' && <LastWord seat={seat} />}
    </section>
  );
}

function Part({ seat, situation, commands }: DuelPanelProps) {
  const state = useStore(seat.table.state);
  if (state === null || situation.kind === 'idle') {
    return <p className="soft">{state === null ? 'Joining the table.' : 'The table is paused.'}</p>;
  }
  switch (situation.kind) {
    case 'open':
      return <SitPanel seat={seat} commands={commands} opponent={situation.opponent} />;
    case 'waiting':
      return <WaitPanel table={seat.table} commands={commands} stake={situation.stake} />;
    case 'playing':
      return <PlayPanel state={state} commands={commands} me={situation.me} />;
    case 'watching':
      return <PoolPanel seat={seat} state={state} />;
    case 'over':
      return (
        <>
          <OverPanel state={state} commands={commands} me={situation.me} />
          <OwnPool state={state} />
        </>
      );
  }
}
