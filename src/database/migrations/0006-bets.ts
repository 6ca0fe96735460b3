import type { Migration } from './migration.ts';

/**
 * Books a batch whose players' wallets are locked and whose new values stand in w_ids, w_bal, w_seq, with w_old the
 * numbers before. `rows` are the players' transactions. The other side (M2) is a posting and one row of escrow for each
 * group whose sum is not zero; an escrow is locked as late as may be, for all bets of a room go through it.
 */
const book = (category: string, rows: string) => `
        SELECT array_agg(l.id), array_agg(l.balance), array_agg(l.seq) INTO e_ids, e_bal, e_seq
          FROM (SELECT x.id, x.balance, x.seq FROM wallets x WHERE x.id = ANY (p_escrow_ids)
                ORDER BY x.id FOR NO KEY UPDATE) l;
        IF e_ids IS DISTINCT FROM p_escrow_ids THEN
          RAISE EXCEPTION 'an escrow of this batch does not exist, or the list is not sorted' USING ERRCODE = 'RH002';
        END IF;
        e_old := e_seq;
        FOR g IN 1..cardinality(v_sum) LOOP
          CONTINUE WHEN v_sum[g] = 0;
          e := p_escrow_at[g];
          e_bal[e] := e_bal[e] + v_sum[g];
          e_seq[e] := e_seq[e] + 1;
          g_bal[g] := e_bal[e];
          g_seq[g] := e_seq[e];
        END LOOP;
        WITH posted AS (
          INSERT INTO postings (id, category)
          SELECT i.posting, '${category}' FROM unnest(p_postings, v_sum) AS i (posting, amount) WHERE i.amount <> 0)
        INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id, bet_id, round_id)
          ${rows}
          UNION ALL
          SELECT p_escrow_ids[i.escrow_at], i.seq, i.amount, '${category}', i.bal, i.posting, NULL, i.round
          FROM unnest(p_escrow_at, v_sum, p_postings, p_rounds, g_bal, g_seq)
            AS i (escrow_at, amount, posting, round, bal, seq)
          WHERE i.amount <> 0;
        -- One row per wallet: UPDATE ... FROM applies a repeated key only once.
        UPDATE wallets x SET balance = i.bal, seq = i.seq, updated_at = now()
          FROM unnest(w_ids || e_ids, w_bal || e_bal, w_seq || e_seq, w_old || e_old) AS i (id, bal, seq, old)
          WHERE x.id = i.id AND i.seq <> i.old;`;

/** Its variables, beside those of the caller. */
const BOOKS = `
      e_ids bigint[]; e_bal bigint[]; e_seq bigint[]; e_old bigint[];
      g_bal bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(p_rooms)]);
      g_seq bigint[] := g_bal;
      e integer;`;

/**
 * Bets, in batches: stakes (`place_bets`) and resolutions (`resolve_bets`). Errors and order of locks: see 0005.
 *
 * Both run on generic plans and without sequential scans. A plan made for the arrays at hand would be made again at each
 * call, which costs a small batch more than its work; and one made while `bets` was almost empty would stay in the
 * session and read the whole table once it is not.
 */
export const migration: Migration = {
  name: '0006-bets',
  up: `
    -- Places a batch of bets. Group arrays have one element per round in the batch; bet arrays one per bet, in order
    -- of arrival, ids distinct within the batch; p_wallet_ids and p_escrow_ids are sorted and distinct, p_wallet_at and
    -- p_escrow_at point into them.
    -- Bets of one command are of one wallet and round and stand together; p_leads points to the first of them, and
    -- p_needs is what it takes from this bet to its last. They are taken all or none, as the first one is decided.
    -- Codes: OK, REPEAT (same id, same hash: M5), or why not.
    CREATE FUNCTION place_bets(p_node uuid,
      p_rooms text[], p_fences bigint[], p_rounds uuid[], p_games bigint[], p_postings uuid[],
      p_escrow_ids bigint[], p_escrow_at integer[], p_wallet_ids bigint[],
      p_ids uuid[], p_group_at integer[], p_wallet_at integer[], p_users bigint[], p_sessions bigint[],
      p_amounts bigint[], p_leads integer[], p_needs bigint[], p_selections text[], p_hashes text[])
    RETURNS TABLE (code text, balance bigint, seq bigint, at timestamptz)
    LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
    #variable_conflict use_column
    DECLARE
      n integer := cardinality(p_ids);
      v_gate text[]; v_currency text[]; v_known jsonb;
      w_ids bigint[]; w_bal bigint[]; w_seq bigint[]; w_old bigint[]; w_currency text[];
      v_code text[] := array_fill(NULL::text, ARRAY[n]);
      v_bal bigint[] := array_fill(NULL::bigint, ARRAY[n]);
      v_seq bigint[] := array_fill(NULL::bigint, ARRAY[n]);
      v_sum bigint[] := array_fill(0::bigint, ARRAY[cardinality(p_rooms)]);
      g integer; w integer;${BOOKS}
    BEGIN
      -- M8: the fence, held against a takeover until this commits. M7: betting, held open until then.
      SELECT array_agg(CASE WHEN NOT EXISTS (
                                SELECT 1 FROM server_nodes s
                                WHERE s.id = p_node AND s.lease_expires_at > clock_timestamp()) THEN 'BUSY'
                            WHEN r.owned IS NOT TRUE THEN 'ROOM_MOVED' WHEN d.betting THEN 'OK'
                            ELSE 'BETTING_CLOSED' END ORDER BY i.o),
             array_agg(r.currency ORDER BY i.o)
        INTO v_gate, v_currency
        FROM (SELECT * FROM unnest(p_rooms, p_fences, p_rounds) WITH ORDINALITY AS u (room, fence, round, o)
              ORDER BY u.room, u.round) i
        LEFT JOIN LATERAL (
          SELECT r.node_id = p_node AND r.fence = i.fence AND r.closed_at IS NULL AS owned, r.currency
          FROM live_rooms r WHERE r.room_id = i.room FOR KEY SHARE) r ON true
        LEFT JOIN LATERAL (
          SELECT d.phase = 'betting' AND d.room_id = i.room AND d.fence = i.fence AS betting
          FROM rounds d WHERE d.id = i.round AND r.owned FOR SHARE) d ON true;

      SELECT array_agg(l.id), array_agg(l.balance), array_agg(l.seq), array_agg(l.currency)
        INTO w_ids, w_bal, w_seq, w_currency
        FROM (SELECT x.id, x.balance, x.seq, x.currency::text FROM wallets x WHERE x.id = ANY (p_wallet_ids)
              ORDER BY x.id FOR NO KEY UPDATE) l;
      IF w_ids IS DISTINCT FROM p_wallet_ids THEN
        RAISE EXCEPTION 'a wallet of this batch does not exist, or the list is not sorted' USING ERRCODE = 'RH002';
      END IF;
      w_old := w_seq;
      -- After the wallet locks: a repeat that is being committed elsewhere is visible by now.
      SELECT jsonb_object_agg(b.id::text, b.request_hash) INTO v_known FROM bets b WHERE b.id = ANY (p_ids);

      FOR i IN 1..n LOOP
        g := p_group_at[i];
        w := p_wallet_at[i];
        IF v_known ? p_ids[i]::text THEN
          v_code[i] := CASE WHEN v_known ->> p_ids[i]::text = p_hashes[i] THEN 'REPEAT' ELSE 'BET_CONFLICT' END;
        ELSIF p_leads[i] < i AND v_code[p_leads[i]] <> 'OK' THEN
          v_code[i] := CASE v_code[p_leads[i]] WHEN 'REPEAT' THEN 'BET_CONFLICT' ELSE v_code[p_leads[i]] END;
        ELSIF p_needs[i] > p_amounts[i] AND v_known ?|
          (SELECT array_agg(u.id::text) FROM unnest(p_ids, p_leads) AS u (id, lead) WHERE u.lead = i) THEN
          v_code[i] := 'BET_CONFLICT';
        ELSIF v_gate[g] <> 'OK' THEN
          v_code[i] := v_gate[g];
        ELSIF w_currency[w] <> v_currency[g] THEN
          v_code[i] := 'NOT_FOUND';
        ELSIF w_bal[w] < p_needs[i] THEN
          v_code[i] := 'INSUFFICIENT_FUNDS';
        ELSE
          w_bal[w] := w_bal[w] - p_amounts[i];
          w_seq[w] := w_seq[w] + 1;
          v_sum[g] := v_sum[g] + p_amounts[i];
          v_code[i] := 'OK';
          v_bal[i] := w_bal[w];
          v_seq[i] := w_seq[w];
        END IF;
      END LOOP;

      IF w_seq <> w_old THEN
        -- By id: two batches that enter the same ids wait for each other in one direction only.
        INSERT INTO bets (id, user_id, wallet_id, round_id, session_id, game_id, amount, selection, request_hash)
          SELECT i.id, i.usr, w_ids[i.wallet_at], p_rounds[i.group_at], i.session, p_games[i.group_at], i.amount,
                 i.selection::jsonb, i.hash
          FROM unnest(p_ids, p_group_at, p_wallet_at, p_users, p_sessions, p_amounts, p_selections, p_hashes, v_code)
            AS i (id, group_at, wallet_at, usr, session, amount, selection, hash, code)
          WHERE i.code = 'OK' ORDER BY i.id;
${book(
  'bet',
  `SELECT w_ids[i.wallet_at], i.seq, -i.amount, 'bet', i.bal, p_postings[i.g], i.id, p_rounds[i.g]
          FROM unnest(p_ids, p_group_at, p_wallet_at, p_amounts, v_bal, v_seq) AS i (id, g, wallet_at, amount, bal, seq)
          WHERE i.bal IS NOT NULL`,
)}
      END IF;
      RETURN QUERY SELECT i.code, i.bal, i.seq, now() FROM unnest(v_code, v_bal, v_seq) AS i (code, bal, seq);
    END $$;

    -- Resolves a batch of bets: cash-outs, outcomes, refunds. Bet ids are distinct within the batch. The first
    -- resolution of a bet stands; a later one is told it (code ALREADY_RESOLVED, with what is stored).
    CREATE FUNCTION resolve_bets(p_node uuid,
      p_rooms text[], p_fences bigint[], p_rounds uuid[], p_postings uuid[],
      p_escrow_ids bigint[], p_escrow_at integer[],
      p_ids uuid[], p_group_at integer[], p_statuses text[], p_by text[], p_multipliers bigint[], p_payouts bigint[])
    RETURNS TABLE (code text, status text, resolved_by text, multiplier bigint, payout bigint, user_id bigint,
                   balance bigint, seq bigint)
    LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
    #variable_conflict use_column
    DECLARE
      n integer := cardinality(p_ids);
      v_gate text[];
      d_at bigint[]; d_user bigint[]; d_wallet bigint[]; d_paid integer[];
      v_code text[] := array_fill(NULL::text, ARRAY[n]);
      v_user bigint[] := array_fill(NULL::bigint, ARRAY[n]);
      v_wallet bigint[] := array_fill(NULL::bigint, ARRAY[n]);
      v_bal bigint[] := array_fill(NULL::bigint, ARRAY[n]);
      v_seq bigint[] := array_fill(NULL::bigint, ARRAY[n]);
      v_sum bigint[] := array_fill(0::bigint, ARRAY[cardinality(p_rooms)]);
      w_ids bigint[]; w_bal bigint[]; w_seq bigint[]; w_old bigint[];
      i integer; w integer;${BOOKS}
    BEGIN
      SELECT array_agg(CASE WHEN NOT EXISTS (
                                SELECT 1 FROM server_nodes s
                                WHERE s.id = p_node AND s.lease_expires_at > clock_timestamp()) THEN 'BUSY'
                            WHEN r.owned THEN 'OK' ELSE 'ROOM_MOVED' END ORDER BY i.o) INTO v_gate
        FROM (SELECT * FROM unnest(p_rooms, p_fences) WITH ORDINALITY AS u (room, fence, o) ORDER BY u.room) i
        LEFT JOIN LATERAL (
          SELECT r.node_id = p_node AND r.fence = i.fence AND r.closed_at IS NULL AS owned
          FROM live_rooms r WHERE r.room_id = i.room FOR KEY SHARE) r ON true;

      -- The status is the guard: of two that resolve a bet, the later one waits and then finds it resolved. By id (M10).
      -- d_paid is the bet's wallet as a place among the wallets that are paid, in order of their ids.
      WITH changed AS (
        UPDATE bets b SET status = i.status, resolved_by = i.by, multiplier = i.mult, payout = i.pay,
            resolved_at = now(), updated_at = now()
          FROM (SELECT * FROM unnest(p_ids, p_group_at, p_statuses, p_by, p_multipliers, p_payouts)
                  WITH ORDINALITY AS u (id, g, status, by, mult, pay, o) ORDER BY u.id) i
          -- IS NOT DISTINCT FROM, for which no index serves: a plan made while bets is empty may take the index of
          -- rounds for "=", and would read the whole round for each bet as long as the session lasts.
          WHERE b.id = i.id AND b.status = 'accepted' AND b.round_id IS NOT DISTINCT FROM p_rounds[i.g]
            AND v_gate[i.g] = 'OK'
          RETURNING i.o, b.user_id, b.wallet_id, i.pay > 0 AS paid)
      SELECT array_agg(c.o), array_agg(c.user_id), array_agg(c.wallet_id), array_agg(c.place)
        INTO d_at, d_user, d_wallet, d_paid
        FROM (SELECT o, user_id, wallet_id,
                     CASE WHEN paid THEN dense_rank() OVER (PARTITION BY paid ORDER BY wallet_id) END AS place
              FROM changed ORDER BY o) c;
      -- Only wallets that are credited are locked; a lost bet touches none.
      SELECT array_agg(l.id), array_agg(l.balance), array_agg(l.seq) INTO w_ids, w_bal, w_seq
        FROM (SELECT x.id, x.balance, x.seq FROM wallets x WHERE x.id = ANY (
                ARRAY(SELECT i.wallet FROM unnest(d_wallet, d_paid) AS i (wallet, place) WHERE i.place IS NOT NULL))
              ORDER BY x.id FOR NO KEY UPDATE) l;
      w_old := w_seq;

      FOR k IN 1..coalesce(cardinality(d_at), 0) LOOP
        i := d_at[k];
        v_code[i] := 'OK';
        v_user[i] := d_user[k];
        v_wallet[i] := d_wallet[k];
        w := d_paid[k];
        CONTINUE WHEN w IS NULL;
        w_bal[w] := w_bal[w] + p_payouts[i];
        w_seq[w] := w_seq[w] + 1;
        v_bal[i] := w_bal[w];
        v_seq[i] := w_seq[w];
        v_sum[p_group_at[i]] := v_sum[p_group_at[i]] - p_payouts[i];
      END LOOP;

      IF w_ids IS NOT NULL THEN
${book(
  'resolve',
  `SELECT i.wallet, i.seq, i.pay,
                 CASE i.status WHEN 'cashed' THEN 'cashout' WHEN 'refunded' THEN 'refund' ELSE 'win' END,
                 i.bal, p_postings[i.g], i.id, p_rounds[i.g]
          FROM unnest(p_ids, p_group_at, v_wallet, p_statuses, p_payouts, v_bal, v_seq)
            AS i (id, g, wallet, status, pay, bal, seq)
          WHERE i.bal IS NOT NULL`,
)}
      END IF;
      IF cardinality(d_at) = n THEN
        RETURN QUERY
          SELECT i.code, i.status, i.by, i.mult, i.pay, i.usr, coalesce(i.bal, x.balance), coalesce(i.seq, x.seq)
          FROM unnest(v_code, p_statuses, p_by, p_multipliers, p_payouts, v_user, v_wallet, v_bal, v_seq)
            WITH ORDINALITY AS i (code, status, by, mult, pay, usr, wallet, bal, seq, o)
          LEFT JOIN wallets x ON x.id = i.wallet AND i.bal IS NULL
          ORDER BY i.o;
        RETURN;
      END IF;
      -- The others: as they are in the books. One that came into them only now is not resolved; it may be asked again.
      RETURN QUERY
        SELECT CASE WHEN i.code = 'OK' THEN 'OK'
                    WHEN b.round_id IS DISTINCT FROM p_rounds[i.g] THEN 'NOT_FOUND'
                    WHEN b.status <> 'accepted' THEN 'ALREADY_RESOLVED'
                    WHEN v_gate[i.g] = 'OK' THEN 'BUSY' ELSE v_gate[i.g] END,
               b.status::text, b.resolved_by::text, b.multiplier, b.payout, b.user_id,
               coalesce(i.bal, x.balance), coalesce(i.seq, x.seq)
        FROM unnest(p_ids, p_group_at, v_code, v_bal, v_seq) WITH ORDINALITY AS i (id, g, code, bal, seq, o)
        LEFT JOIN bets b ON b.id = i.id LEFT JOIN wallets x ON x.id = b.wallet_id
        ORDER BY i.o;
    END $$;
  `,
  down: `
    DROP FUNCTION resolve_bets, place_bets;
  `,
};
