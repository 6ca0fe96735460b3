/** The page of a player: header with the lobby, and one table of one game. */
import { useEffect, useState } from 'react';
import type { User } from '../../../src/protocol.ts';
import { nameTable, place } from '../address.ts';
import { forgetBets } from '../bets.ts';
import { viewOf } from '../games/index.ts';
import { type Lobby, openLobby } from '../rooms/lobby.ts';
import { type Seat, takeSeat } from '../rooms/seat.ts';
import { useStore } from '../store.ts';
import { forgetWallet } from '../wallet.ts';
import { Header } from './Header.tsx';

export function Game({ user }: { user: User }) {
  const { visit } = useStore(place);
  const [lobby, setLobby] = useState<Lobby | null>(null);
  const [seat, setSeat] = useState<{ seat: Seat; visit: number } | null>(null);

  useEffect(() => {
    const opened = openLobby();
    setLobby(opened);
    return () => {
      opened.link.close();
      forgetWallet();
      forgetBets();
    };
  }, []);

  useEffect(() => {
    const here = place.get();
    const taken = takeSeat(viewOf(here.game), here.table, here.wish);
    const stop = taken.table.state.subscribe(() => {
      const name = taken.table.state.get()?.table;
      if (name) nameTable(visit, name);
    });
    setSeat({ seat: taken, visit });
    return () => {
      stop();
      taken.leave();
    };
  }, [visit]);

  if (lobby === null || seat === null) return null;
  const { Table } = viewOf(seat.seat.view.name);
  return (
    <>
      <Header user={user} lobby={lobby} seat={seat.seat} />
      <Table key={seat.visit} seat={seat.seat} />
    </>
  );
}
