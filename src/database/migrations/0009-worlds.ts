import type { Migration } from './migration.ts';

/**
 * Worlds: commands that move coins and items and change a save, all in one transaction, once. Errors as in 0005, and
 * RH009: the save is not the version that was read, or open in another room. RH010: the inventory does not allow it.
 * Order of locks (M10): live room, game state, inventory by item id, then those of a posting (0007).
 */
export const migration: Migration = {
  name: '0009-worlds',
  up: `
    ALTER TABLE buildings
      ADD COLUMN title text NOT NULL DEFAULT '' CHECK (char_length(title) <= 50),
      ADD COLUMN is_active boolean NOT NULL DEFAULT true;

    ALTER TABLE game_states
      ADD COLUMN title text NOT NULL DEFAULT '' CHECK (char_length(title) <= 50),
      ADD COLUMN is_public boolean NOT NULL DEFAULT false,
      -- A snapshot that could not be read: kept as it is, out of the way of a new one in its slot.
      ADD COLUMN set_aside_at timestamptz,
      ADD COLUMN set_aside_reason text CHECK (char_length(set_aside_reason) <= 500),
      ADD CONSTRAINT game_states_set_aside CHECK ((set_aside_at IS NULL) = (set_aside_reason IS NULL));
    DROP INDEX game_states_save;
    CREATE UNIQUE INDEX game_states_save ON game_states (user_id, game_id, slot)
      WHERE user_id IS NOT NULL AND set_aside_at IS NULL;
    CREATE FUNCTION refuse_change_of_set_aside() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'game state % was set aside; it is never overwritten', OLD.id USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER game_states_set_aside BEFORE UPDATE OF state, version ON game_states
      FOR EACH ROW WHEN (OLD.set_aside_at IS NOT NULL) EXECUTE FUNCTION refuse_change_of_set_aside();

    CREATE INDEX live_rooms_place ON live_rooms (name, table_name) WHERE closed_at IS NULL;

    -- M5: what was answered to each command that moved something. Append-only; the ids are the clients' own, per user.
    CREATE TABLE commands (
      user_id bigint NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
      id uuid NOT NULL,
      request_hash char(64) NOT NULL,
      -- The save that it changed, which may be deleted since; null: none.
      game_state_id bigint,
      answer jsonb NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (user_id, id)
    );
    CREATE TRIGGER commands_append_only BEFORE UPDATE OR DELETE ON commands
      FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER commands_no_truncate BEFORE TRUNCATE ON commands
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

    -- Opens a save in a room that the node owns from now on (M8). A room that a lost node had it open in is closed; where
    -- another node that lives has it, RH009. No row: there is no such save, or it was set aside. Repeating it is harmless.
    CREATE FUNCTION open_world(p_node uuid, p_room text, p_name text, p_state bigint, p_currency text)
    RETURNS TABLE (fence bigint, game_id bigint, user_id bigint, username text, slot integer, title text,
      is_public boolean, version integer, state jsonb, now_ms bigint) LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    BEGIN
      -- Waits for the last transaction of an owner that was lost; whatever it sends later meets a closed room.
      PERFORM 1 FROM live_rooms r WHERE r.name = p_name AND r.table_name = p_state::text AND r.closed_at IS NULL
        AND r.room_id <> p_room FOR UPDATE;
      PERFORM 1 FROM game_states s JOIN games g ON g.id = s.game_id
        WHERE s.id = p_state AND g.name = p_name AND s.user_id IS NOT NULL AND s.set_aside_at IS NULL FOR UPDATE OF s;
      IF NOT FOUND THEN
        RETURN;
      END IF;
      -- Again: whoever opened it meanwhile is seen now.
      IF EXISTS (SELECT 1 FROM live_rooms r JOIN server_nodes n ON n.id = r.node_id
        WHERE r.name = p_name AND r.table_name = p_state::text AND r.closed_at IS NULL AND r.room_id <> p_room
          AND n.id <> p_node AND n.lease_expires_at > clock_timestamp()) THEN
        RAISE EXCEPTION 'save % is open in another room', p_state USING ERRCODE = 'RH009';
      END IF;
      UPDATE live_rooms r SET closed_at = now(), fence = r.fence + 1, updated_at = now()
        WHERE r.name = p_name AND r.table_name = p_state::text AND r.closed_at IS NULL AND r.room_id <> p_room;
      INSERT INTO live_rooms (room_id, name, table_name, currency, node_id)
        VALUES (p_room, p_name, p_state::text, p_currency, p_node) ON CONFLICT (room_id) DO NOTHING;
      PERFORM assert_owner(p_node, p_room, 1);
      RETURN QUERY SELECT 1::bigint, s.game_id, s.user_id, u.username::text, s.slot, s.title, s.is_public, s.version, s.state,
          floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
        FROM game_states s JOIN users u ON u.id = s.user_id WHERE s.id = p_state;
    END $$;

    -- Rooms of worlds hold no money and no round: those of lost nodes are closed all at once, but for those that a last
    -- transaction still holds, which the next call closes. Answers how many.
    CREATE FUNCTION close_lost_worlds(p_node uuid) RETURNS integer LANGUAGE plpgsql AS $$
    DECLARE v_rooms text[];
    BEGIN
      WITH lost AS (
        SELECT r.id FROM live_rooms r JOIN server_nodes n ON n.id = r.node_id JOIN games g ON g.name = r.name
          WHERE r.closed_at IS NULL AND g.kind = 'world' AND n.id <> p_node AND n.lease_expires_at <= clock_timestamp()
          ORDER BY r.id FOR UPDATE OF r SKIP LOCKED),
      closed AS (
        UPDATE live_rooms r SET closed_at = now(), fence = r.fence + 1, updated_at = now()
          FROM lost WHERE r.id = lost.id RETURNING r.room_id)
      SELECT array_agg(room_id) INTO v_rooms FROM closed;
      UPDATE game_sessions SET ended_at = now(), updated_at = now() WHERE room_id = ANY (v_rooms) AND ended_at IS NULL;
      RETURN coalesce(cardinality(v_rooms), 0);
    END $$;

    -- One command of a user: items in and out of the inventory, at most one movement of coins, and, in a world, the new
    -- version of its save, by the room's owner (M8). Once per id (M5): a repeat answers what the first one answered.
    -- p_most: how many of an item the user may have; only what is added is held against it. p_held: how many of it whoever
    -- decided took the user to have; null: that did not matter.
    CREATE FUNCTION carry_out(p_user bigint, p_command uuid, p_hash text, p_answer jsonb, p_currency text,
      p_node uuid, p_room text, p_fence bigint, p_state bigint, p_version integer, p_snapshot text,
      p_items bigint[], p_deltas bigint[], p_most bigint[], p_held bigint[], p_reason text,
      p_posting uuid, p_category text, p_bank text, p_amount bigint)
    RETURNS TABLE (first boolean, answer jsonb, balance bigint, seq bigint, changes jsonb)
    LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
    #variable_conflict use_column
    DECLARE
      c_max_snapshot CONSTANT integer := 262144;
      v_hash text; v_answer jsonb; v_version integer; v_held bigint := 0; v_seq bigint := 0;
      v_changes jsonb := '[]'; v_inventory jsonb := '[]';
    BEGIN
      IF p_room IS NOT NULL THEN
        PERFORM assert_owner(p_node, p_room, p_fence);
        IF NOT EXISTS (SELECT 1 FROM live_rooms r WHERE r.room_id = p_room AND r.table_name = p_state::text) THEN
          RAISE EXCEPTION 'room % does not have save % open', p_room, p_state USING ERRCODE = 'RH002';
        END IF;
        SELECT s.version INTO v_version FROM game_states s
          WHERE s.id = p_state AND s.user_id = p_user AND s.set_aside_at IS NULL FOR NO KEY UPDATE;
      END IF;
      INSERT INTO user_inventories (user_id, item_id, quantity)
        SELECT p_user, i.id, 0 FROM unnest(p_items, p_deltas) AS i (id, delta)
        WHERE i.delta > 0 AND NOT EXISTS (SELECT 1 FROM user_inventories h WHERE h.user_id = p_user AND h.item_id = i.id)
        ORDER BY i.id ON CONFLICT DO NOTHING;
      PERFORM 1 FROM user_inventories h WHERE h.user_id = p_user AND h.item_id = ANY (p_items)
        ORDER BY h.item_id FOR NO KEY UPDATE;

      -- With the locks held: the first one is in the books by now, if there was one.
      SELECT c.request_hash, c.answer INTO v_hash, v_answer FROM commands c WHERE c.user_id = p_user AND c.id = p_command;
      IF FOUND THEN
        IF v_hash <> p_hash THEN
          RAISE EXCEPTION 'command % was another request', p_command USING ERRCODE = 'RH008';
        END IF;
        RETURN QUERY SELECT false, v_answer, NULL::bigint, NULL::bigint, v_changes;
        RETURN;
      END IF;

      IF p_room IS NOT NULL THEN
        IF v_version IS DISTINCT FROM p_version THEN
          RAISE EXCEPTION 'save % is not at version %', p_state, p_version USING ERRCODE = 'RH009';
        ELSIF octet_length(p_snapshot) > c_max_snapshot THEN
          RAISE EXCEPTION 'a snapshot has at most % bytes', c_max_snapshot USING ERRCODE = 'RH002';
        END IF;
        UPDATE game_states s SET state = p_snapshot::jsonb, version = p_version + 1, last_saved = now()
          WHERE s.id = p_state;
      END IF;
      IF cardinality(p_items) > 0 THEN
        IF EXISTS (SELECT 1 FROM unnest(p_items, p_deltas, p_most, p_held) AS i (id, delta, most, held)
          LEFT JOIN user_inventories h ON h.user_id = p_user AND h.item_id = i.id
          WHERE i.delta = 0 OR coalesce(h.quantity, 0) + i.delta < 0
            OR (i.delta > 0 AND coalesce(h.quantity, 0) + i.delta > i.most) OR i.held <> coalesce(h.quantity, 0)) THEN
          RAISE EXCEPTION 'the inventory does not allow it' USING ERRCODE = 'RH010';
        END IF;
        WITH changed AS (
          UPDATE user_inventories h SET quantity = h.quantity + i.delta
            FROM unnest(p_items, p_deltas) AS i (id, delta) WHERE h.user_id = p_user AND h.item_id = i.id
            RETURNING h.item_id, h.quantity, i.delta),
        written AS (
          INSERT INTO inventory_changes (user_id, item_id, delta, quantity_after, command_id, reason)
            SELECT p_user, c.item_id, c.delta, c.quantity, p_command, p_reason FROM changed c ORDER BY c.item_id
            RETURNING id, item_id, quantity_after)
        SELECT jsonb_agg(jsonb_build_object('item', t.name, 'quantity', w.quantity_after, 'seq', w.id) ORDER BY w.item_id),
            jsonb_agg(jsonb_build_object('item', t.name, 'quantity', w.quantity_after) ORDER BY w.item_id)
          INTO v_changes, v_inventory FROM written w JOIN items t ON t.id = w.item_id;
      END IF;
      IF p_amount <> 0 THEN
        SELECT p.balance, p.seq INTO v_held, v_seq
          FROM post(p_posting, p_hash, p_category, p_reason, NULL, NULL,
            wallets_of(p_currency, ARRAY[p_user, p_user], ARRAY[NULL, p_bank]), ARRAY[p_amount, -p_amount]) p
          WHERE p.user_id IS NOT NULL;
      ELSE
        SELECT w.balance, w.seq INTO v_held, v_seq FROM wallets w WHERE w.user_id = p_user AND w.currency = p_currency;
      END IF;

      v_answer := p_answer || jsonb_build_object('currency', p_currency, 'balance', coalesce(v_held, 0),
        'inventory', v_inventory);
      IF p_room IS NOT NULL THEN
        v_answer := v_answer || jsonb_build_object('version', p_version + 1);
      END IF;
      INSERT INTO commands (user_id, id, request_hash, game_state_id, answer)
        VALUES (p_user, p_command, p_hash, p_state, v_answer) ON CONFLICT DO NOTHING;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'command % is being carried out at this moment', p_command USING ERRCODE = 'serialization_failure';
      END IF;
      RETURN QUERY SELECT true, v_answer, v_held, v_seq, v_changes;
    END $$;
  `,
  down: `
    DROP FUNCTION carry_out, close_lost_worlds, open_world;
    DROP TABLE commands;
    DROP INDEX live_rooms_place;
    DELETE FROM game_states WHERE set_aside_at IS NOT NULL;
    DROP TRIGGER game_states_set_aside ON game_states;
    DROP FUNCTION refuse_change_of_set_aside();
    DROP INDEX game_states_save;
    ALTER TABLE game_states DROP COLUMN title, DROP COLUMN is_public, DROP COLUMN set_aside_at, DROP COLUMN set_aside_reason;
    CREATE UNIQUE INDEX game_states_save ON game_states (user_id, game_id, slot) WHERE user_id IS NOT NULL;
    ALTER TABLE buildings DROP COLUMN title, DROP COLUMN is_active;
  `,
};
