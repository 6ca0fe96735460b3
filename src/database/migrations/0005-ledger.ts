import type { Migration } from './migration.ts';

/**
 * The rules of the ledger, where every writer meets them. One call is one statement and so one transaction; a batch of
 * a thousand bets is one round trip and one commit. Order of locks, everywhere: live_rooms, rounds, bets (by id),
 * wallets (by id; system wallets have the greatest ids and come last) (M10).
 *
 * SQLSTATE RH001: another node owns the room now (M8). RH002: a request that is wrong in itself. RH003: no such wallet.
 * RH004: not enough funds. RH005: the caller's lease has run out; once renewed, it may try again (M8).
 */
export const migration: Migration = {
  name: '0005-ledger',
  up: `
    -- M8: the lease by the database's clock and the room's fence, held against a takeover until this commits.
    -- KEY SHARE lets snapshots of the row pass and makes a takeover (FOR UPDATE) wait.
    CREATE FUNCTION assert_owner(p_node uuid, p_room text, p_fence bigint) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM live_rooms
        WHERE room_id = p_room AND node_id = p_node AND fence = p_fence AND closed_at IS NULL FOR KEY SHARE;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'room % is not owned by node % with fence %', p_room, p_node, p_fence
          USING ERRCODE = 'RH001';
      END IF;
      IF NOT EXISTS (SELECT 1 FROM server_nodes WHERE id = p_node AND lease_expires_at > clock_timestamp()) THEN
        RAISE EXCEPTION 'the lease of node % has run out', p_node USING ERRCODE = 'RH005';
      END IF;
    END $$;

    CREATE FUNCTION assert_round_of(p_room text, p_id uuid) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (SELECT 1 FROM rounds WHERE id = p_id AND room_id = p_room) THEN
        RAISE EXCEPTION 'round % is not one of room %', p_id, p_room USING ERRCODE = 'RH002';
      END IF;
    END $$;

    -- A room goes live: its row, with fence 1, and its escrow account. Repeating it is harmless.
    CREATE FUNCTION open_room(p_node uuid, p_room text, p_name text, p_table text)
    RETURNS TABLE (fence bigint, escrow_id bigint) LANGUAGE plpgsql AS $$
    DECLARE v_escrow bigint;
    BEGIN
      INSERT INTO live_rooms (room_id, name, table_name, node_id) VALUES (p_room, p_name, p_table, p_node)
        ON CONFLICT (room_id) DO NOTHING;
      PERFORM assert_owner(p_node, p_room, 1);
      INSERT INTO wallets (id, kind, account)
        VALUES (nextval('system_wallet_ids'), 'escrow', 'escrow:' || p_room) ON CONFLICT DO NOTHING;
      SELECT id INTO v_escrow FROM wallets WHERE account = 'escrow:' || p_room;
      RETURN QUERY SELECT 1::bigint, v_escrow;
    END $$;

    -- M8: takes a room whose owner's lease has run out. Waits for that owner's last transaction; whatever it sends
    -- later meets the raised fence.
    CREATE FUNCTION take_over_room(p_node uuid, p_room text)
    RETURNS TABLE (fence bigint, escrow_id bigint, name text) LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    DECLARE v_owner uuid; v_fence bigint; v_name text;
    BEGIN
      SELECT r.node_id, r.fence, r.name INTO v_owner, v_fence, v_name FROM live_rooms r
        WHERE r.room_id = p_room AND r.closed_at IS NULL FOR UPDATE;
      IF NOT FOUND OR (v_owner <> p_node AND EXISTS (
        SELECT 1 FROM server_nodes n WHERE n.id = v_owner AND n.lease_expires_at > clock_timestamp()
      )) THEN
        RETURN;
      END IF;
      UPDATE live_rooms r SET node_id = p_node, fence = v_fence + 1, updated_at = now() WHERE r.room_id = p_room;
      PERFORM assert_owner(p_node, p_room, v_fence + 1);
      RETURN QUERY SELECT v_fence + 1, w.id, v_name FROM wallets w WHERE w.account = 'escrow:' || p_room;
    END $$;

    -- The room is over for good. Repeating it is harmless.
    CREATE FUNCTION close_room(p_node uuid, p_room text, p_fence bigint) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT 1 FROM live_rooms
        WHERE room_id = p_room AND node_id = p_node AND fence = p_fence AND closed_at IS NOT NULL) THEN
        RETURN;
      END IF;
      PERFORM assert_owner(p_node, p_room, p_fence);
      IF EXISTS (SELECT 1 FROM rounds WHERE room_id = p_room AND phase IN ('betting', 'running')) THEN
        RAISE EXCEPTION 'room % has an open round', p_room USING ERRCODE = 'RH002';
      END IF;
      UPDATE game_sessions SET ended_at = now(), updated_at = now() WHERE room_id = p_room AND ended_at IS NULL;
      UPDATE live_rooms SET closed_at = now(), state = NULL, updated_at = now() WHERE room_id = p_room;
    END $$;

    -- Opens betting. The seed's index is used up in the same transaction, so that no seed serves two rounds (F1). One
    -- open round a room: the close of a round empties the room's escrow.
    CREATE FUNCTION open_round(p_node uuid, p_room text, p_fence bigint, p_id uuid, p_game bigint, p_number bigint,
      p_pay_table integer, p_chain uuid, p_index integer, p_commitment text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM assert_owner(p_node, p_room, p_fence);
      IF EXISTS (SELECT 1 FROM rounds WHERE room_id = p_room AND phase IN ('betting', 'running')) THEN
        RAISE EXCEPTION 'room % has an open round', p_room USING ERRCODE = 'RH002';
      END IF;
      UPDATE fairness_chains SET next_index = p_index + 1, updated_at = now()
        WHERE id = p_chain AND next_index = p_index AND p_index <= length;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'seed % of chain % is not the next one', p_index, p_chain USING ERRCODE = 'RH002';
      END IF;
      INSERT INTO rounds (id, game_id, room_id, number, fence, phase, pay_table_version, chain_id, chain_index, commitment)
        VALUES (p_id, p_game, p_room, p_number, p_fence, 'betting', p_pay_table, p_chain, p_index, p_commitment);
    END $$;

    -- Closes betting. Waits for bets in flight; later ones find the phase changed (M7). Repeating it is harmless.
    CREATE FUNCTION lock_round(p_node uuid, p_room text, p_fence bigint, p_id uuid) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM assert_owner(p_node, p_room, p_fence);
      PERFORM assert_round_of(p_room, p_id);
      UPDATE rounds SET phase = 'running', locked_at = now(), updated_at = now() WHERE id = p_id AND phase = 'betting';
    END $$;

    -- M7: the outcome and the seed, committed before anyone is shown them. The first one stands.
    CREATE FUNCTION end_round(p_node uuid, p_room text, p_fence bigint, p_id uuid, p_outcome text, p_seed text)
    RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM assert_owner(p_node, p_room, p_fence);
      PERFORM assert_round_of(p_room, p_id);
      UPDATE rounds SET outcome = p_outcome::jsonb, seed = p_seed, ended_at = now(), updated_at = now()
        WHERE id = p_id AND phase = 'running' AND outcome IS NULL;
    END $$;

    -- M2: what is left in escrow goes to the house (or comes from it), and the round is over. Idempotent.
    CREATE FUNCTION close_round(p_node uuid, p_room text, p_fence bigint, p_id uuid, p_escrow bigint, p_house bigint,
      p_posting uuid) RETURNS TABLE (phase text, bet_count integer, staked bigint, paid bigint) LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    DECLARE v_round rounds; v_net bigint; v_wallet record; v_amount bigint;
    BEGIN
      PERFORM assert_owner(p_node, p_room, p_fence);
      PERFORM assert_round_of(p_room, p_id);
      SELECT * INTO v_round FROM rounds r WHERE r.id = p_id FOR NO KEY UPDATE;
      IF v_round.phase IN ('betting', 'running') THEN
        IF EXISTS (SELECT 1 FROM bets b WHERE b.round_id = p_id AND b.status = 'accepted') THEN
          RAISE EXCEPTION 'round % still has open bets', p_id USING ERRCODE = 'RH002';
        END IF;
        FOR v_wallet IN
          SELECT w.id, w.balance, w.seq FROM wallets w WHERE w.id IN (p_escrow, p_house)
          ORDER BY w.id FOR NO KEY UPDATE
        LOOP
          IF v_wallet.id = p_escrow THEN v_net := v_wallet.balance; END IF;
        END LOOP;
        IF v_net <> 0 THEN
          INSERT INTO postings (id, category) VALUES (p_posting, 'settle');
          FOR v_wallet IN SELECT w.id FROM wallets w WHERE w.id IN (p_escrow, p_house) ORDER BY w.id LOOP
            v_amount := CASE WHEN v_wallet.id = p_escrow THEN -v_net ELSE v_net END;
            WITH changed AS (
              UPDATE wallets w SET balance = w.balance + v_amount, seq = w.seq + 1, updated_at = now()
                WHERE w.id = v_wallet.id RETURNING w.id, w.balance, w.seq)
            INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id, round_id)
              SELECT c.id, c.seq, v_amount, 'settle', c.balance, p_posting, p_id FROM changed c;
          END LOOP;
        END IF;
        UPDATE rounds r SET phase = CASE WHEN r.outcome IS NULL THEN 'void' ELSE 'settled' END,
            settled_at = now(), updated_at = now(),
            bet_count = t.n, staked = t.staked, paid = t.paid
          FROM (SELECT count(*)::integer AS n, coalesce(sum(b.amount), 0)::bigint AS staked,
                       coalesce(sum(b.payout), 0)::bigint AS paid FROM bets b WHERE b.round_id = p_id) t
          WHERE r.id = p_id;
      END IF;
      RETURN QUERY SELECT r.phase, r.bet_count, r.staked, r.paid FROM rounds r WHERE r.id = p_id;
    END $$;

    -- The other side of a batch (M2): a posting and one row of escrow for each group whose sum is not zero. Groups may
    -- share an escrow; each wallet is updated once, for UPDATE ... FROM applies a repeated key only once.
    CREATE FUNCTION post_to_escrow(p_category text, p_escrows bigint[], p_postings uuid[], p_rounds uuid[],
      p_sums bigint[]) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO postings (id, category)
        SELECT i.posting, p_category FROM unnest(p_postings, p_sums) AS i (posting, amount) WHERE i.amount <> 0;
      PERFORM 1 FROM wallets x WHERE x.id = ANY (p_escrows) ORDER BY x.id FOR NO KEY UPDATE;
      WITH moved AS (
        SELECT i.escrow, i.posting, i.round, i.amount,
               sum(i.amount) OVER w AS so_far, row_number() OVER w AS nth
        FROM unnest(p_escrows, p_postings, p_rounds, p_sums) WITH ORDINALITY AS i (escrow, posting, round, amount, o)
        WHERE i.amount <> 0 WINDOW w AS (PARTITION BY i.escrow ORDER BY i.o)),
      changed AS (
        UPDATE wallets x SET balance = x.balance + m.amount, seq = x.seq + m.n, updated_at = now()
          FROM (SELECT escrow, sum(amount)::bigint AS amount, count(*) AS n FROM moved GROUP BY escrow) m
          WHERE x.id = m.escrow
          RETURNING x.id, x.balance - m.amount AS balance, x.seq - m.n AS seq)
      INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id, round_id)
        SELECT c.id, c.seq + m.nth, m.amount, p_category, c.balance + m.so_far, m.posting, m.round
        FROM moved m JOIN changed c ON c.id = m.escrow ORDER BY c.id, m.nth;
    END $$;

    -- Places a batch of bets. Group arrays have one element per round in the batch; bet arrays one per bet, in order
    -- of arrival, ids distinct within the batch; p_wallet_ids is sorted and distinct, p_wallet_at points into it.
    -- Codes: OK, REPEAT (same id, same hash: M5), or why not. Without sequential scans: a plan made while bets was
    -- almost empty would stay in the session and read the whole table once it is not.
    CREATE FUNCTION place_bets(p_node uuid,
      p_rooms text[], p_fences bigint[], p_rounds uuid[], p_games bigint[], p_escrows bigint[], p_postings uuid[],
      p_wallet_ids bigint[],
      p_ids uuid[], p_group_at integer[], p_wallet_at integer[], p_users bigint[], p_sessions bigint[],
      p_amounts bigint[], p_selections text[], p_hashes text[])
    RETURNS TABLE (code text, balance bigint, seq bigint, at timestamptz) LANGUAGE plpgsql SET enable_seqscan = off AS $$
    #variable_conflict use_column
    DECLARE
      n integer := cardinality(p_ids);
      v_gate text[]; v_known jsonb;
      w_ids bigint[]; w_bal bigint[]; w_seq bigint[]; w_old bigint[];
      v_code text[] := array_fill(NULL::text, ARRAY[n]);
      v_bal bigint[] := array_fill(NULL::bigint, ARRAY[n]);
      v_seq bigint[] := array_fill(NULL::bigint, ARRAY[n]);
      v_sum bigint[] := array_fill(0::bigint, ARRAY[cardinality(p_rooms)]);
      g integer; w integer;
    BEGIN
      PERFORM 1 FROM live_rooms r WHERE r.room_id = ANY (p_rooms) ORDER BY r.room_id FOR KEY SHARE;
      PERFORM 1 FROM rounds d WHERE d.id = ANY (p_rounds) ORDER BY d.id FOR SHARE;
      IF EXISTS (SELECT 1 FROM server_nodes s WHERE s.id = p_node AND s.lease_expires_at > clock_timestamp()) THEN
        SELECT array_agg(CASE
            WHEN r.room_id IS NULL THEN 'ROOM_MOVED'
            WHEN d.phase = 'betting' AND d.room_id = i.room AND d.fence = i.fence THEN 'OK'
            ELSE 'BETTING_CLOSED' END ORDER BY i.o)
          INTO v_gate
          FROM unnest(p_rooms, p_fences, p_rounds) WITH ORDINALITY AS i (room, fence, round, o)
          LEFT JOIN live_rooms r ON r.room_id = i.room AND r.fence = i.fence AND r.node_id = p_node
            AND r.closed_at IS NULL
          LEFT JOIN rounds d ON d.id = i.round;
      ELSE
        v_gate := array_fill('BUSY'::text, ARRAY[cardinality(p_rooms)]);
      END IF;

      SELECT array_agg(l.id), array_agg(l.balance), array_agg(l.seq) INTO w_ids, w_bal, w_seq
        FROM (SELECT x.id, x.balance, x.seq FROM wallets x WHERE x.id = ANY (p_wallet_ids)
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
        ELSIF v_gate[g] <> 'OK' THEN
          v_code[i] := v_gate[g];
        ELSIF w_bal[w] < p_amounts[i] THEN
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
        INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id, bet_id, round_id)
          SELECT w_ids[i.wallet_at], i.seq, -i.amount, 'bet', i.bal, p_postings[i.group_at], i.id, p_rounds[i.group_at]
          FROM unnest(p_ids, p_group_at, p_wallet_at, p_amounts, v_code, v_bal, v_seq)
            AS i (id, group_at, wallet_at, amount, code, bal, seq)
          WHERE i.code = 'OK';
        -- One row per wallet: UPDATE ... FROM applies a repeated key only once.
        UPDATE wallets x SET balance = i.bal, seq = i.seq, updated_at = now()
          FROM unnest(w_ids, w_bal, w_seq, w_old) AS i (id, bal, seq, old)
          WHERE x.id = i.id AND i.seq <> i.old;
        PERFORM post_to_escrow('bet', p_escrows, p_postings, p_rounds, v_sum);
      END IF;
      RETURN QUERY SELECT i.code, i.bal, i.seq, now() FROM unnest(v_code, v_bal, v_seq) AS i (code, bal, seq);
    END $$;

    -- Resolves a batch of bets: cash-outs, outcomes, refunds. Bet ids are distinct within the batch. The first
    -- resolution of a bet stands; a later one is told it (code ALREADY_RESOLVED, with what is stored).
    CREATE FUNCTION resolve_bets(p_node uuid,
      p_rooms text[], p_fences bigint[], p_rounds uuid[], p_escrows bigint[], p_postings uuid[],
      p_ids uuid[], p_group_at integer[], p_statuses text[], p_by text[], p_multipliers bigint[], p_payouts bigint[])
    RETURNS TABLE (code text, status text, resolved_by text, multiplier bigint, payout bigint, user_id bigint,
                   balance bigint, seq bigint) LANGUAGE plpgsql SET enable_seqscan = off AS $$
    #variable_conflict use_column
    DECLARE
      n integer := cardinality(p_ids);
      v_gate text[];
      v_code text[]; v_status text[]; v_by text[]; v_mult bigint[]; v_pay bigint[]; v_user bigint[]; v_wallet bigint[];
      w_ids bigint[]; w_bal bigint[]; w_seq bigint[]; w_old bigint[]; v_at integer[];
      v_bal bigint[] := array_fill(NULL::bigint, ARRAY[n]);
      v_seq bigint[] := array_fill(NULL::bigint, ARRAY[n]);
      v_sum bigint[] := array_fill(0::bigint, ARRAY[cardinality(p_rooms)]);
      w integer;
    BEGIN
      PERFORM 1 FROM live_rooms r WHERE r.room_id = ANY (p_rooms) ORDER BY r.room_id FOR KEY SHARE;
      IF EXISTS (SELECT 1 FROM server_nodes s WHERE s.id = p_node AND s.lease_expires_at > clock_timestamp()) THEN
        SELECT array_agg(CASE WHEN r.room_id IS NULL THEN 'ROOM_MOVED' ELSE 'OK' END ORDER BY i.o) INTO v_gate
          FROM unnest(p_rooms, p_fences) WITH ORDINALITY AS i (room, fence, o)
          LEFT JOIN live_rooms r ON r.room_id = i.room AND r.fence = i.fence AND r.node_id = p_node
            AND r.closed_at IS NULL;
      ELSE
        v_gate := array_fill('BUSY'::text, ARRAY[cardinality(p_rooms)]);
      END IF;

      WITH locked AS MATERIALIZED (
        SELECT b.id, b.user_id, b.wallet_id, b.round_id, b.status, b.resolved_by, b.multiplier, b.payout
        FROM bets b WHERE b.id = ANY (p_ids) ORDER BY b.id FOR NO KEY UPDATE)
      SELECT array_agg(CASE
               WHEN l.id IS NULL OR l.round_id <> p_rounds[i.g] THEN 'NOT_FOUND'
               WHEN l.status <> 'accepted' THEN 'ALREADY_RESOLVED'
               ELSE v_gate[i.g] END ORDER BY i.o),
             array_agg(l.status ORDER BY i.o), array_agg(l.resolved_by ORDER BY i.o),
             array_agg(l.multiplier ORDER BY i.o), array_agg(l.payout ORDER BY i.o),
             array_agg(l.user_id ORDER BY i.o), array_agg(l.wallet_id ORDER BY i.o)
        INTO v_code, v_status, v_by, v_mult, v_pay, v_user, v_wallet
        FROM unnest(p_ids, p_group_at) WITH ORDINALITY AS i (id, g, o) LEFT JOIN locked l ON l.id = i.id;

      -- Only wallets that are credited are locked; a lost bet touches none.
      SELECT array_agg(l.id), array_agg(l.balance), array_agg(l.seq) INTO w_ids, w_bal, w_seq
        FROM (SELECT x.id, x.balance, x.seq FROM wallets x WHERE x.id = ANY (
                ARRAY(SELECT i.wallet FROM unnest(v_wallet, v_code, p_payouts) AS i (wallet, code, pay)
                      WHERE i.code = 'OK' AND i.pay > 0))
              ORDER BY x.id FOR NO KEY UPDATE) l;
      w_old := w_seq;
      SELECT array_agg(x.pos ORDER BY i.o) INTO v_at
        FROM unnest(v_wallet) WITH ORDINALITY AS i (wallet, o)
        LEFT JOIN unnest(w_ids) WITH ORDINALITY AS x (id, pos) ON x.id = i.wallet;

      FOR i IN 1..n LOOP
        CONTINUE WHEN v_code[i] <> 'OK';
        v_status[i] := p_statuses[i];
        v_by[i] := p_by[i];
        v_mult[i] := p_multipliers[i];
        v_pay[i] := p_payouts[i];
        CONTINUE WHEN p_payouts[i] = 0;
        w := v_at[i];
        w_bal[w] := w_bal[w] + p_payouts[i];
        w_seq[w] := w_seq[w] + 1;
        v_bal[i] := w_bal[w];
        v_seq[i] := w_seq[w];
        v_sum[p_group_at[i]] := v_sum[p_group_at[i]] - p_payouts[i];
      END LOOP;

      UPDATE bets b SET status = i.status, resolved_by = i.by, multiplier = i.mult, payout = i.pay,
          resolved_at = now(), updated_at = now()
        FROM unnest(p_ids, v_code, v_status, v_by, v_mult, v_pay) AS i (id, code, status, by, mult, pay)
        WHERE i.code = 'OK' AND b.id = i.id;
      IF w_ids IS NOT NULL THEN
        INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id, bet_id, round_id)
          SELECT i.wallet, i.seq, i.pay,
                 CASE i.status WHEN 'cashed' THEN 'cashout' WHEN 'refunded' THEN 'refund' ELSE 'win' END,
                 i.bal, p_postings[i.g], i.id, p_rounds[i.g]
          FROM unnest(p_ids, p_group_at, v_wallet, v_code, v_status, v_pay, v_bal, v_seq)
            AS i (id, g, wallet, code, status, pay, bal, seq)
          WHERE i.code = 'OK' AND i.pay > 0;
        UPDATE wallets x SET balance = i.bal, seq = i.seq, updated_at = now()
          FROM unnest(w_ids, w_bal, w_seq, w_old) AS i (id, bal, seq, old)
          WHERE x.id = i.id AND i.seq <> i.old;
        PERFORM post_to_escrow('resolve', p_escrows, p_postings, p_rounds, v_sum);
      END IF;
      RETURN QUERY
        SELECT i.code, i.status, i.by, i.mult, i.pay, i.usr, coalesce(i.bal, x.balance), coalesce(i.seq, x.seq)
        FROM unnest(v_code, v_status, v_by, v_mult, v_pay, v_user, v_wallet, v_bal, v_seq) WITH ORDINALITY
          AS i (code, status, by, mult, pay, usr, wallet, bal, seq, o)
        LEFT JOIN wallets x ON x.id = i.wallet
        ORDER BY i.o;
    END $$;

    -- Any other movement: entries sum to zero, each wallet once. OK, REPEAT (same id and hash), BET_CONFLICT (same
    -- id, other hash), INSUFFICIENT_FUNDS, NOT_FOUND. Returns the entries' wallets as they are after it.
    CREATE FUNCTION post(p_id uuid, p_hash text, p_category text, p_description text, p_actor bigint, p_reason text,
      p_wallets bigint[], p_amounts bigint[])
    RETURNS TABLE (code text, wallet_id bigint, user_id bigint, currency text, balance bigint, seq bigint)
    LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    DECLARE v_hash text; v_currencies integer; v_found integer; v_short boolean;
    BEGIN
      IF (SELECT sum(a) <> 0 OR bool_or(a = 0) FROM unnest(p_amounts) a)
        OR cardinality(p_wallets) < 2 OR cardinality(p_wallets) <> cardinality(p_amounts)
        OR (SELECT count(DISTINCT x) FROM unnest(p_wallets) x) <> cardinality(p_wallets) THEN
        RAISE EXCEPTION 'a posting has two or more entries on distinct wallets that sum to zero' USING ERRCODE = 'RH002';
      END IF;
      INSERT INTO postings (id, category, request_hash, actor_user_id, reason)
        VALUES (p_id, p_category, p_hash, p_actor, p_reason) ON CONFLICT DO NOTHING;
      IF NOT FOUND THEN
        SELECT p.request_hash INTO v_hash FROM postings p WHERE p.id = p_id;
        RETURN QUERY SELECT CASE WHEN v_hash = p_hash THEN 'REPEAT' ELSE 'BET_CONFLICT' END,
            t.wallet_id, x.user_id, x.currency, t.balance_after, t.seq
          FROM transactions t JOIN wallets x ON x.id = t.wallet_id
          WHERE t.posting_id = p_id AND t.wallet_id = ANY (p_wallets) ORDER BY t.wallet_id;
        RETURN;
      END IF;
      PERFORM 1 FROM wallets x WHERE x.id = ANY (p_wallets) ORDER BY x.id FOR NO KEY UPDATE;
      SELECT count(*), count(DISTINCT x.currency), coalesce(bool_or(x.kind = 'user' AND x.balance + i.amount < 0), false)
        INTO v_found, v_currencies, v_short
        FROM unnest(p_wallets, p_amounts) AS i (id, amount) JOIN wallets x ON x.id = i.id;
      IF v_found <> cardinality(p_wallets) OR v_currencies <> 1 OR v_short THEN
        RAISE EXCEPTION 'refused' USING ERRCODE = CASE WHEN v_found <> cardinality(p_wallets) OR v_currencies <> 1
          THEN 'RH003' ELSE 'RH004' END;
      END IF;
      RETURN QUERY
        WITH changed AS (
          UPDATE wallets x SET balance = x.balance + i.amount, seq = x.seq + 1, updated_at = now()
            FROM unnest(p_wallets, p_amounts) AS i (id, amount) WHERE x.id = i.id
            RETURNING x.id, x.user_id, x.currency, x.balance, x.seq, i.amount),
        written AS (
          INSERT INTO transactions (wallet_id, seq, amount, category, description, balance_after, posting_id)
            SELECT c.id, c.seq, c.amount, p_category, p_description, c.balance, p_id FROM changed c)
        SELECT 'OK', c.id, c.user_id, c.currency, c.balance, c.seq FROM changed c ORDER BY c.id;
    END $$;

    -- A user's wallet with its starting grant, as a posting (M2).
    CREATE FUNCTION open_wallet(p_user bigint, p_grant bigint, p_posting uuid) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE v_wallet bigint; v_bank bigint;
    BEGIN
      INSERT INTO wallets (kind, user_id) VALUES ('user', p_user) RETURNING id INTO v_wallet;
      IF p_grant > 0 THEN
        SELECT id INTO v_bank FROM wallets WHERE account = 'grant:' || p_user % 16;
        PERFORM post(p_posting, repeat('0', 64), 'grant', 'Starting balance', NULL, NULL,
                     ARRAY[v_wallet, v_bank], ARRAY[p_grant, -p_grant]);
      END IF;
      RETURN v_wallet;
    END $$;
  `,
  down: `
    DROP FUNCTION open_wallet, post, resolve_bets, place_bets, post_to_escrow, close_round, end_round, lock_round, open_round,
      close_room, take_over_room, open_room, assert_round_of, assert_owner;
  `,
};
