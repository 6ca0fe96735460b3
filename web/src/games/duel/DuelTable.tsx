/** One duel table: the match, and what the player may do at it. */
import { useEffect, useEffectEvent, useState } from 'react';
import type { DuelState } from '../../../../src/protocol.ts';
import { session } from '../../account/session.ts';
import { TableLayout } from '../../components/TableLayout.tsx';
import type { Seat } from '../../rooms/seat.ts';
import { useStore } from '../../store.ts';
import { toastError } from '../../toasts.ts';
import { createDuelCommands, type DuelCommands } from './commands.ts';
import { DuelPanel } from './DuelPanel.tsx';
import { DuelStage } from './DuelStage.tsx';
import { usePrize } from './rake.ts';
import { type Situation, situationOf } from './situation.ts';
import { takeWantedSeat } from './wish.ts';
import { ownEndingText } from './words.ts';

export function DuelTable({ seat }: { seat: Seat<DuelState> }) {
  const state = useStore(seat.table.state);
  const who = useStore(session);
  const username = who.status === 'signedIn' ? who.user.username : '';
  const situation = situationOf(state, username);
  const [commands] = useState(() => commandsOf(seat));
  useWantedSeat(seat, situation, commands);
  useEnding(seat, situation, state);
  return (
    <TableLayout
      seat={seat}
      stage={<DuelStage table={seat.table} situation={situation} commands={commands} />}
      panel={<DuelPanel seat={seat} situation={situation} commands={commands} />}
    />
  );
}

function commandsOf({ table, play, say }: Seat<DuelState>): DuelCommands {
  return createDuelCommands({
    request: table.request,
    insist: play.insist,
    say: (text) => say(text, 'plain'),
    refuse: toastError,
  });
}

/** Who came here for an opponent sits down as soon as the table is there, if the seat still is. */
function useWantedSeat(seat: Seat<DuelState>, situation: Situation, commands: DuelCommands): void {
  const joined = useStore(seat.table.link.state).phase === 'live' && situation.kind !== 'idle';
  const onJoined = useEffectEvent(() => {
    const stake = takeWantedSeat();
    if (stake === null) return;
    if (situation.kind === 'open') void commands.sit(stake);
    else if (situation.kind !== 'waiting') toastError('Somebody else took the seat.');
  });
  useEffect(() => {
    if (joined) onJoined();
  }, [joined]);
}

/** How a match ended stays to be read when the seats are open again. */
function useEnding(seat: Seat<DuelState>, situation: Situation, state: DuelState | null): void {
  const prizeOf = usePrize();
  const over = situation.kind === 'over' && situation.me !== null ? state?.roundId : undefined;
  const onOver = useEffectEvent(() => {
    if (state === null || situation.kind !== 'over' || situation.me === null) return;
    const stake = state.seats[situation.me]?.stake ?? 0;
    const { text, tone } = ownEndingText(state, situation.me, prizeOf(stake));
    seat.say(text, tone);
  });
  useEffect(() => {
    if (over !== undefined) onOver();
  }, [over]);
}
