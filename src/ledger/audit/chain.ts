/** Checks of the hash chain: that it is what the rows make it, and that what was said about it before still holds. */
import { BLOCK_HASH, NO_HASH, WITH_POSTINGS } from '../hash-chain.ts';
import { type Pass, pass } from './pass.ts';

const UNBROKEN = 'the hash chain over transactions is unbroken';

/** A block that was published earlier. */
export interface PublishedHead {
  readonly block: number;
  readonly hash: string;
}

/** Hashes every `parts`-th block again, so that several connections can share the work. */
function part(index: number, parts: number): Pass {
  return pass(
    `SELECT * FROM (
       SELECT *, lag(id, 1, 0::bigint) OVER o AS id_before, lag(hash, 1, '${NO_HASH}') OVER o AS hash_before,
         lag(to_id, 1, 0::bigint) OVER o AS to_before, lag(total_count, 1, 0::bigint) OVER o AS count_before
       FROM block WINDOW o AS (ORDER BY id)) k
     CROSS JOIN LATERAL (
       SELECT ${BLOCK_HASH} AS hash_again, count(*) AS n, min(t.id) AS first_id, max(t.id) AS last_id
       FROM (SELECT * FROM transactions WHERE id > k.to_before AND id <= k.to_id ORDER BY id) ${WITH_POSTINGS}) again
     WHERE NOT k.proven AND k.id % ${parts} = ${index} AND (
       k.hash IS DISTINCT FROM again.hash_again OR k.previous_hash <> k.hash_before OR k.id <> k.id_before + 1
       OR again.n <> k.row_count OR k.total_count <> k.count_before + again.n
       OR again.first_id <> k.from_id OR again.last_id <> k.to_id)`,
    [
      {
        check: UNBROKEN,
        when: 'true',
        table: 'ledger_blocks',
        key: { id: 'f.id' },
        expected: {
          id: 'f.id_before + 1',
          fromId: 'f.first_id',
          toId: 'f.last_id',
          rows: 'f.n',
          rowsInAll: 'f.count_before + f.n',
          previousHash: 'f.hash_before',
          hash: 'f.hash_again',
        },
        found: {
          id: 'f.id',
          fromId: 'f.from_id',
          toId: 'f.to_id',
          rows: 'f.row_count',
          rowsInAll: 'f.total_count',
          previousHash: 'f.previous_hash',
          hash: 'f.hash',
        },
      },
    ],
  );
}

export function blocks(parts: number): Pass[] {
  return Array.from({ length: parts }, (_, index) => part(index, parts));
}

/** An end that was cut off breaks no link: an earlier audit remembers the block that it reached. */
export const marks = pass(
  `SELECT m.id, m.block_id, m.block_hash, b.hash FROM audit_marks m LEFT JOIN ledger_blocks b ON b.id = m.block_id
   WHERE b.hash IS DISTINCT FROM m.block_hash`,
  [
    {
      check: 'each block that an audit has reached is still in the chain',
      when: 'true',
      table: 'audit_marks',
      key: { id: 'f.id' },
      expected: { block: 'f.block_id', hash: 'f.block_hash' },
      found: { block: 'f.block_id', hash: 'f.hash' },
    },
  ],
);

export function published({ block, hash }: PublishedHead): Pass {
  return pass(
    `SELECT p.id, p.hash AS published, b.hash FROM (VALUES (${Number(block)}::bigint, '${hash}'::text)) AS p (id, hash)
     LEFT JOIN ledger_blocks b ON b.id = p.id WHERE b.hash IS DISTINCT FROM p.hash`,
    [
      {
        check: 'the published head is a block of the chain',
        when: 'true',
        table: 'ledger_blocks',
        key: { id: 'f.id' },
        expected: { hash: 'f.published' },
        found: { hash: 'f.hash' },
      },
    ],
  );
}
