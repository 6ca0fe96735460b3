/** The page of a player: header with the lobby, and one table. */
import { useEffect, useState } from 'react';
import type { User } from '../../../src/protocol.ts';
import { forgetBets } from '../bets.ts';
import { type Lobby, openLobby } from '../rooms/lobby.ts';
import { type Seat, takeSeat } from '../rooms/seat.ts';
import { useTableName } from '../table-name.ts';
import { forgetWallet } from '../wallet.ts';
import { CrashTable } from './CrashTable.tsx';
import { Header } from './Header.tsx';

export function Game({ user }: { user: User }) {
  const [tableName, openTable] = useTableName();
  const [lobby, setLobby] = useState<Lobby | null>(null);
  const [seat, setSeat] = useState<Seat | null>(null);

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
    const taken = takeSeat(tableName);
    setSeat(taken);
    return () => taken.leave();
  }, [tableName]);

  if (lobby === null || seat === null) return null;
  return (
    <>
      <Header user={user} lobby={lobby} tableName={tableName} onOpenTable={openTable} />
      <CrashTable key={seat.table.name} seat={seat} />
    </>
  );
}
