/** In place of a town that there is not, or not for this player. */
import { openTable } from '../../address.ts';
import type { LinkState } from '../../rooms/link.ts';

const NOWHERE = new Set(['NOT_FOUND', 'BAD_REQUEST', 'FORBIDDEN']);

type Failed = Extract<LinkState, { phase: 'failed' }>;

export function isNowhere(link: LinkState): link is Failed {
  return link.phase === 'failed' && NOWHERE.has(link.code);
}

export function Nowhere({ code }: { code: string }) {
  return (
    <main className="table" data-game="town">
      <section className="card town-nowhere" data-testid="town-nowhere">
        <h2>No such town</h2>
        <p className="soft">
          {code === 'BAD_REQUEST'
            ? 'This address leads to no town.'
            : 'There is no such town, or its owner has not opened it to visitors.'}
        </p>
        <button type="button" className="button button-primary" onClick={() => openTable('town')}>
          Go to your own town
        </button>
      </section>
    </main>
  );
}
