/** Says when the table cannot be heard, and what is being done about it. Lies over the page: nothing moves. */
import { Failure, inWords } from '../failure.ts';
import type { Link, LinkState } from '../rooms/link.ts';
import { useStore } from '../store.ts';

export function ReconnectBanner({ link }: { link: Link }) {
  const state = useStore(link.state);
  const text = wordsFor(state);
  if (text === null) return null;
  const stuck = state.phase === 'rejoining' || state.phase === 'failed';
  return (
    <div className="banner" role="status" data-testid="reconnect-banner" data-phase={state.phase}>
      <span className="banner-dot" aria-hidden="true" />
      <span>{text}</span>
      {stuck && (
        <button type="button" className="link" onClick={link.retry}>
          Try now
        </button>
      )}
    </div>
  );
}

function wordsFor(state: LinkState): string | null {
  switch (state.phase) {
    case 'dropped':
      return 'Connection lost. Taking it back; your seat is held for a minute.';
    case 'rejoining':
      return `Connection lost. Joining the table again, attempt ${state.attempt}.`;
    case 'failed':
      return `Not at the table. ${inWords(new Failure(state.code, 'The server refused.'))}`;
    default:
      return null;
  }
}
