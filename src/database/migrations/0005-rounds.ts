import type { Migration } from './migration.ts';

/**
 * The life of rooms and rounds. The ledger's rules stand in SQL functions (here and in 0006 and 0007), where every
 * writer meets them. One call is one statement and so one transaction; a batch of hundreds of bets is one round trip and
 * one commit. Order of locks, everywhere: live_rooms, rounds, bets (by id), wallets (by id; system wallets have the
 * greatest ids and come last) (M10).
 *
 * SQLSTATE RH001: another node owns the room now (M8). RH002: a request that is wrong in itself. RH003: no such wallet.
 * RH004: not enough funds. RH005: the caller's lease has run out; once renewed, it may try again (M8). RH006: more than a
 * balance may be. RH007: the round is over. RH008: the id was used for another request (M5).
 */
export const migration: Migration = {
  name: '0005-rounds',
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

    -- A room goes live, in one currency: its row, with fence 1, and its escrow account. Repeating it is harmless.
    CREATE FUNCTION open_room(p_node uuid, p_room text, p_name text, p_table text, p_currency text)
    RETURNS TABLE (fence bigint, escrow_id bigint) LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO live_rooms (room_id, name, table_name, currency, node_id)
        VALUES (p_room, p_name, p_table, p_currency, p_node) ON CONFLICT (room_id) DO NOTHING;
      PERFORM assert_owner(p_node, p_room, 1);
      IF NOT EXISTS (SELECT 1 FROM live_rooms WHERE room_id = p_room AND currency = p_currency) THEN
        RAISE EXCEPTION 'room % plays in another currency', p_room USING ERRCODE = 'RH002';
      END IF;
      RETURN QUERY SELECT 1::bigint, (wallets_of(p_currency, ARRAY[NULL::bigint], ARRAY['escrow:' || p_room]))[1];
    END $$;

    -- M8: takes a room whose owner's lease has run out. Waits for that owner's last transaction; whatever it sends
    -- later meets the raised fence.
    CREATE FUNCTION take_over_room(p_node uuid, p_room text)
    RETURNS TABLE (fence bigint, escrow_id bigint, name text, currency text) LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    DECLARE v_owner uuid; v_fence bigint; v_name text; v_currency text;
    BEGIN
      SELECT r.node_id, r.fence, r.name, r.currency INTO v_owner, v_fence, v_name, v_currency FROM live_rooms r
        WHERE r.room_id = p_room AND r.closed_at IS NULL FOR UPDATE;
      IF NOT FOUND OR (v_owner <> p_node AND EXISTS (
        SELECT 1 FROM server_nodes n WHERE n.id = v_owner AND n.lease_expires_at > clock_timestamp()
      )) THEN
        RETURN;
      END IF;
      UPDATE live_rooms r SET node_id = p_node, fence = v_fence + 1, updated_at = now() WHERE r.room_id = p_room;
      PERFORM assert_owner(p_node, p_room, v_fence + 1);
      RETURN QUERY SELECT v_fence + 1, w.id, v_name, v_currency FROM wallets w
        WHERE w.account = 'escrow:' || p_room AND w.currency = v_currency;
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

    -- M7: the outcome, the seed and what came of the beacon, committed before anyone is shown them. The first one stands.
    CREATE FUNCTION end_round(p_node uuid, p_room text, p_fence bigint, p_id uuid, p_outcome text, p_seed text,
      p_beacon text DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM assert_owner(p_node, p_room, p_fence);
      PERFORM assert_round_of(p_room, p_id);
      UPDATE rounds SET outcome = p_outcome::jsonb, seed = p_seed, beacon = p_beacon::jsonb, ended_at = now(),
          updated_at = now()
        WHERE id = p_id AND phase = 'running' AND outcome IS NULL;
    END $$;

    -- M2: what is left in escrow goes to the house (or comes from it), and the round is over. Idempotent.
    CREATE FUNCTION close_round(p_node uuid, p_room text, p_fence bigint, p_id uuid, p_escrow bigint, p_house bigint,
      p_posting uuid) RETURNS TABLE (phase text, bet_count integer, staked bigint, paid bigint) LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    DECLARE v_round rounds; v_bets record; v_net bigint; v_wallet record; v_amount bigint;
    BEGIN
      PERFORM assert_owner(p_node, p_room, p_fence);
      PERFORM assert_round_of(p_room, p_id);
      SELECT * INTO v_round FROM rounds r WHERE r.id = p_id FOR NO KEY UPDATE;
      IF v_round.phase IN ('betting', 'running') THEN
        SELECT count(*) AS n, coalesce(sum(b.amount), 0) AS staked, coalesce(sum(b.payout), 0) AS paid,
            count(*) FILTER (WHERE b.status = 'accepted') AS open
          INTO v_bets FROM bets b WHERE b.round_id = p_id;
        IF v_bets.open > 0 THEN
          RAISE EXCEPTION 'round % still has open bets', p_id USING ERRCODE = 'RH002';
        END IF;
        -- No stake of a match may go to the house because nobody paid it out.
        IF v_round.pot <> 0 THEN
          RAISE EXCEPTION 'round % still has a pot', p_id USING ERRCODE = 'RH002';
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
            bet_count = v_bets.n, staked = v_bets.staked, paid = v_bets.paid
          WHERE r.id = p_id;
      END IF;
      RETURN QUERY SELECT r.phase, r.bet_count, r.staked, r.paid FROM rounds r WHERE r.id = p_id;
    END $$;
  `,
  down: `
    DROP FUNCTION close_round, end_round, lock_round, open_round, close_room, take_over_room, open_room, assert_round_of,
      assert_owner;
  `,
};
