/** Says when the server cannot be heard, and what is being done about it. Lies over the page: nothing moves. */
import { Failure, inWords } from '../failure.ts';
import type { Link, LinkState } from '../rooms/link.ts';
import { useStore } from '../store.ts';

interface ReconnectBannerProps {
  link: Link;
  /** What was left. */
  place?: 'table' | 'town';
}

export function ReconnectBanner({ link, place = 'table' }: ReconnectBannerProps) {
  const state = useStore(link.state);
  const text = wordsFor(state, place);
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

function wordsFor(state: LinkState, place: 'table' | 'town'): string | null {
  switch (state.phase) {
    case 'dropped':
      return place === 'table'
        ? 'Connection lost. Taking it back; your seat is held for a minute.'
        : 'Connection lost. Taking it back; the town goes on.';
    case 'rejoining':
      return `Connection lost. Joining the ${place} again, attempt ${state.attempt}.`;
    case 'failed':
      return `Not ${place === 'table' ? 'at the table' : 'in the town'}. ${inWords(new Failure(state.code, 'The server refused.'))}`;
    default:
      return null;
  }
}
