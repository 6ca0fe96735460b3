import type { Migration } from './migration.ts';

/** Every other movement of money: `post`, and what is made of it. Errors and order of locks: see 0005. */
export const migration: Migration = {
  name: '0007-postings',
  up: `
    -- A posting that is no bet's, from any transaction: entries sum to zero, each wallet once. Answers OK with the
    -- entries' wallets as they are after it, or REPEAT (same id and hash: M5) with what the first one answered; otherwise
    -- it raises. Which category moves money from which kind of account to which is the list below.
    --
    -- Escrow is touched for a round of the room only, by the room's owner (M8), in and out of the round's pot, which
    -- keeps the money of a match apart from that of bets. p_keep must stay in the pot: for chunks that follow.
    CREATE FUNCTION post(p_id uuid, p_hash text, p_category text, p_description text, p_actor bigint, p_reason text,
      p_wallets bigint[], p_amounts bigint[],
      p_node uuid DEFAULT NULL, p_room text DEFAULT NULL, p_fence bigint DEFAULT NULL, p_round uuid DEFAULT NULL,
      p_keep bigint DEFAULT 0, p_ip inet DEFAULT NULL)
    RETURNS TABLE (code text, wallet_id bigint, user_id bigint, currency text, balance bigint, seq bigint)
    LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
    #variable_conflict use_column
    DECLARE
      -- No grant or sale lifts a balance above this, so that every payout after it stays a safe integer (M1).
      c_max_balance CONSTANT bigint := 1000000000000000;
      v_hash text; v_phase text; v_name text; v_currency text; v_entries record;
    BEGIN
      IF (SELECT sum(a) <> 0 OR bool_or(a = 0) FROM unnest(p_amounts) a)
        OR cardinality(p_wallets) < 2 OR cardinality(p_wallets) <> cardinality(p_amounts)
        OR (SELECT count(DISTINCT x) FROM unnest(p_wallets) x) <> cardinality(p_wallets) THEN
        RAISE EXCEPTION 'a posting has two or more entries on distinct wallets that sum to zero' USING ERRCODE = 'RH002';
      END IF;
      IF p_category = 'adjust' AND (p_actor IS NULL OR p_reason IS NULL) THEN
        RAISE EXCEPTION 'an adjustment has an actor and a reason' USING ERRCODE = 'RH002';
      END IF;

      IF p_room IS NOT NULL THEN
        SELECT r.name, r.currency INTO v_name, v_currency FROM live_rooms r WHERE r.room_id = p_room FOR KEY SHARE;
        SELECT d.phase INTO v_phase FROM rounds d WHERE d.id = p_round AND d.room_id = p_room FOR NO KEY UPDATE;
      END IF;
      INSERT INTO postings (id, category, request_hash, actor_user_id, reason, round_id)
        VALUES (p_id, p_category, p_hash, p_actor, p_reason, p_round) ON CONFLICT DO NOTHING;
      IF NOT FOUND THEN
        SELECT p.request_hash INTO v_hash FROM postings p WHERE p.id = p_id;
        IF v_hash IS DISTINCT FROM p_hash THEN
          RAISE EXCEPTION 'posting % was another request', p_id USING ERRCODE = 'RH008';
        END IF;
        RETURN QUERY SELECT 'REPEAT', t.wallet_id, x.user_id, x.currency::text, t.balance_after, t.seq
          FROM transactions t JOIN wallets x ON x.id = t.wallet_id
          WHERE t.posting_id = p_id AND t.bet_id IS NULL AND t.category NOT IN ('bet', 'resolve', 'settle')
          ORDER BY t.wallet_id;
        RETURN;
      END IF;
      IF p_room IS NOT NULL THEN
        PERFORM assert_owner(p_node, p_room, p_fence);
        IF v_phase IS NULL THEN
          RAISE EXCEPTION 'round % is not one of room %', p_round, p_room USING ERRCODE = 'RH002';
        ELSIF v_phase NOT IN ('betting', 'running') THEN
          RAISE EXCEPTION 'round % is over', p_round USING ERRCODE = 'RH007';
        END IF;
      END IF;

      PERFORM 1 FROM wallets x WHERE x.id = ANY (p_wallets) ORDER BY x.id FOR NO KEY UPDATE;
      SELECT count(*) AS n, count(DISTINCT x.currency) AS currencies,
          array_agg(DISTINCT x.kind::text) FILTER (WHERE i.amount < 0) AS debited,
          array_agg(DISTINCT x.kind::text) FILTER (WHERE i.amount > 0) AS credited,
          bool_or(x.kind = 'escrow' AND (x.account IS DISTINCT FROM 'escrow:' || p_room
            OR x.currency IS DISTINCT FROM v_currency)) AS foreign_escrow,
          bool_or(x.kind = 'house' AND x.account IS DISTINCT FROM 'house:' || v_name) AS foreign_house,
          bool_or(x.kind = 'user' AND x.balance + i.amount < 0) AS short,
          bool_or(x.kind = 'user' AND i.amount > 0 AND x.balance + i.amount > c_max_balance) AS too_much,
          sum(i.amount) FILTER (WHERE x.kind = 'escrow') AS into_pot
        INTO v_entries
        FROM unnest(p_wallets, p_amounts) AS i (id, amount) JOIN wallets x ON x.id = i.id;
      IF v_entries.n <> cardinality(p_wallets) OR v_entries.currencies <> 1 THEN
        RAISE EXCEPTION 'no such wallet, or not in this currency' USING ERRCODE = 'RH003';
      END IF;
      IF NOT EXISTS (SELECT 1 FROM (VALUES
          ('grant', 'grant', 'user'),
          ('purchase', 'user', 'shop'),
          ('sale', 'shop', 'user'),
          ('adjust', 'adjust', 'user'),
          ('adjust', 'user', 'adjust'),
          ('stake', 'user', 'escrow'),
          ('payout', 'escrow', 'user'),
          ('refund', 'escrow', 'user'),
          ('dividend', 'escrow', 'user'),
          ('rake', 'escrow', 'house')) AS k (category, debited, credited)
        WHERE k.category = p_category AND k.debited = ALL (v_entries.debited) AND k.credited = ALL (v_entries.credited)
      ) OR v_entries.foreign_escrow OR v_entries.foreign_house THEN
        RAISE EXCEPTION 'a % does not move money between these accounts', p_category USING ERRCODE = 'RH002';
      END IF;
      IF v_entries.short THEN
        RAISE EXCEPTION 'not enough funds' USING ERRCODE = 'RH004';
      END IF;
      IF v_entries.into_pot IS NOT NULL THEN
        UPDATE rounds d SET pot = d.pot + v_entries.into_pot, updated_at = now()
          WHERE d.id = p_round AND d.pot + v_entries.into_pot >= p_keep;
        IF NOT FOUND THEN
          RAISE EXCEPTION 'the pot of round % does not cover this', p_round USING ERRCODE = 'RH004';
        END IF;
      ELSIF v_entries.too_much THEN
        -- What comes out of a pot was the players' own: it is never kept from them.
        RAISE EXCEPTION 'A balance is at most %.', c_max_balance USING ERRCODE = 'RH006';
      END IF;

      RETURN QUERY
        WITH changed AS (
          UPDATE wallets x SET balance = x.balance + i.amount, seq = x.seq + 1, updated_at = now()
            FROM unnest(p_wallets, p_amounts) AS i (id, amount) WHERE x.id = i.id
            RETURNING x.id, x.user_id, x.currency::text, x.balance, x.seq, i.amount),
        written AS (
          INSERT INTO transactions (wallet_id, seq, amount, category, description, balance_after, posting_id, round_id)
            SELECT c.id, c.seq, c.amount, p_category, p_description, c.balance, p_id, p_round FROM changed c),
        -- What an operator did to a wallet stands where everything stands that somebody did to somebody.
        noted AS (
          INSERT INTO audit_events (actor_user_id, actor, action, entity, entity_id, before, after, ip)
            SELECT p_actor, a.username, 'wallet.adjust', 'wallet', c.id::text,
                   jsonb_build_object('balance', c.balance - c.amount),
                   jsonb_build_object('balance', c.balance, 'reason', p_reason, 'postingId', p_id), p_ip
            FROM changed c LEFT JOIN users a ON a.id = p_actor WHERE p_category = 'adjust' AND c.user_id IS NOT NULL)
        SELECT 'OK', c.id, c.user_id, c.currency, c.balance, c.seq FROM changed c ORDER BY c.id;
    END $$;

    -- A user's wallet with its starting grant, as a posting (M2).
    CREATE FUNCTION open_wallet(p_user bigint, p_grant bigint, p_posting uuid, p_currency text DEFAULT 'COIN')
    RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE v_wallets bigint[] := wallets_of(p_currency, ARRAY[p_user, p_user], ARRAY[NULL, 'grant']);
    BEGIN
      IF p_grant > 0 THEN
        PERFORM post(p_posting, repeat('0', 64), 'grant', 'Starting balance', NULL, NULL,
                     v_wallets, ARRAY[p_grant, -p_grant]);
      END IF;
      RETURN v_wallets[1];
    END $$;
  `,
  down: `
    DROP FUNCTION open_wallet, post;
  `,
};
