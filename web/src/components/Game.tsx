/** The page of a player: header with the lobby, and one table of one game, or one world. */
import { type ReactNode, useEffect, useState } from 'react';
import type { User } from '../../../src/protocol.ts';
import { nameTable, type Place, place } from '../address.ts';
import { forgetBets } from '../bets.ts';
import { viewOf } from '../games/index.ts';
import type { TableView, WorldGameView } from '../games/view.ts';
import { type Lobby, openLobby } from '../rooms/lobby.ts';
import { type Seat, takeSeat } from '../rooms/seat.ts';
import { enterWorld } from '../rooms/world.ts';
import { useStore } from '../store.ts';
import { forgetWallet } from '../wallet.ts';
import { Header } from './Header.tsx';

/** Where the player is: at a table, or in a world. */
interface Stay {
  readonly seat: Seat | null;
  readonly show: () => ReactNode;
  readonly leave: () => void;
}

export function Game({ user }: { user: User }) {
  const { visit } = useStore(place);
  const [lobby, setLobby] = useState<Lobby | null>(null);
  const [stay, setStay] = useState<Stay | null>(null);

  useEffect(() => {
    const opened = openLobby();
    setLobby(opened);
    return () => {
      opened.link.close();
      forgetWallet();
      forgetBets();
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each visit, wherever it is to
  useEffect(() => {
    const here = place.get();
    const view = viewOf(here.game);
    const begun = view.kind === 'table' ? atTable(view, here) : inWorld(view, here);
    setStay(begun);
    return begun.leave;
  }, [visit]);

  if (lobby === null || stay === null) return null;
  return (
    <>
      <Header user={user} lobby={lobby} seat={stay.seat} />
      {stay.show()}
    </>
  );
}

function atTable(view: TableView, { table, wish, visit }: Place): Stay {
  const seat = takeSeat(view, table, wish);
  const stop = seat.table.state.subscribe(() => {
    const name = seat.table.state.get()?.table;
    if (name) nameTable(visit, name);
  });
  return {
    seat,
    show: () => <view.Table key={visit} seat={seat} />,
    leave() {
      stop();
      seat.leave();
    },
  };
}

function inWorld(view: WorldGameView, { table, visit }: Place): Stay {
  const world = enterWorld(view.name, table);
  return {
    seat: null,
    show: () => <view.World key={visit} world={world} />,
    leave: world.leave,
  };
}
