/** Out here: who you are. Inside: the lobby and a table. */
import { session } from '../account/session.ts';
import { useStore } from '../store.ts';
import { Entry } from './Entry.tsx';
import { Game } from './Game.tsx';
import { Toasts } from './Toasts.tsx';

export function App() {
  const state = useStore(session);
  return (
    <>
      {state.status === 'starting' && <p className="starting soft">Connecting</p>}
      {state.status === 'signedOut' && <Entry />}
      {state.status === 'signedIn' && <Game key={state.user.id} user={state.user} />}
      <Toasts />
    </>
  );
}
