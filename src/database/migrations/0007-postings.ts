import type { Migration } from './migration.ts';

/** Every other movement of money: `post`, and what is made of it. Errors and order of locks: see 0005. */
export const migration: Migration = {
  name: '0007-postings',
  up: `
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
    DROP FUNCTION open_wallet, post;
  `,
};
