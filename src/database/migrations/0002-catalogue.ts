import type { Migration } from './migration.ts';

/** What is played with: the games, items and what users own of them, buildings, and saved states. */
export const migration: Migration = {
  name: '0002-catalogue',
  up: `
    CREATE TABLE games (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      -- The room's name and the rules file's; stays when the title changes.
      name text NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9-]{0,31}$'),
      title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 100),
      description text NOT NULL DEFAULT '',
      kind text NOT NULL CHECK (kind IN ('round', 'match', 'world')),
      parameters jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(parameters) = 'object'),
      pay_table_version integer NOT NULL DEFAULT 1 CHECK (pay_table_version > 0),
      is_enabled boolean NOT NULL DEFAULT true,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );

    CREATE TABLE items (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      -- By which rules and recipes know an item of the catalogue; a user's own item needs none.
      name text CHECK (name ~ '^[a-z][a-z0-9-]{0,63}$'),
      title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
      description text,
      icon text CHECK (char_length(icon) <= 2048),
      data jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(data) = 'object'),
      -- In minor units; null: not for sale.
      price bigint CHECK (price BETWEEN 0 AND 9007199254740991),
      is_active boolean NOT NULL DEFAULT true,
      owner_user_id bigint REFERENCES users (id) ON DELETE CASCADE,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT items_catalogue_has_name CHECK (owner_user_id IS NOT NULL OR name IS NOT NULL)
    );
    CREATE UNIQUE INDEX items_catalogue_name ON items (name) WHERE owner_user_id IS NULL;
    CREATE INDEX items_owner ON items (owner_user_id, id) WHERE owner_user_id IS NOT NULL;

    -- item_id does not cascade, here and below: an item that somebody has or had is retired by is_active.
    CREATE TABLE user_inventories (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      item_id bigint NOT NULL REFERENCES items (id),
      quantity bigint NOT NULL CHECK (quantity BETWEEN 0 AND 9007199254740991),
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT user_inventories_user_item UNIQUE (user_id, item_id)
    );
    CREATE INDEX user_inventories_item ON user_inventories (item_id);

    -- Append-only (M4, triggers with the ledger's). Property is kept like money: no cascade from the user, whose row
    -- cannot be deleted while the audit (M12) must add these up.
    CREATE TABLE inventory_changes (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_id bigint NOT NULL REFERENCES users (id),
      item_id bigint NOT NULL REFERENCES items (id),
      delta bigint NOT NULL CHECK (delta <> 0),
      quantity_after bigint NOT NULL CHECK (quantity_after BETWEEN 0 AND 9007199254740991),
      command_id uuid NOT NULL,
      reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 200),
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      -- M5: a command that is sent again changes nothing again. Per user: the ids are the clients' own.
      CONSTRAINT inventory_changes_once UNIQUE (user_id, command_id, item_id)
    );
    CREATE INDEX inventory_changes_user_item ON inventory_changes (user_id, item_id, id);
    CREATE INDEX inventory_changes_item ON inventory_changes (item_id);

    CREATE TABLE buildings (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 50),
      description text CHECK (char_length(description) <= 2000),
      icon text CHECK (char_length(icon) <= 2048),
      cost bigint NOT NULL CHECK (cost BETWEEN 0 AND 9007199254740991),
      data jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(data) = 'object'),
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );

    -- A save (user and slot) or a live room's snapshot (room), never both.
    CREATE TABLE game_states (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_id bigint REFERENCES users (id) ON DELETE CASCADE,
      slot integer CHECK (slot > 0),
      room_id text,
      game_id bigint NOT NULL REFERENCES games (id),
      -- Counts the saves: who writes names the version that was read, and two writers cannot overwrite each other.
      version integer NOT NULL DEFAULT 1 CHECK (version > 0),
      state jsonb NOT NULL DEFAULT '{}',
      last_saved timestamptz NOT NULL DEFAULT now(),
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT game_states_save_or_snapshot CHECK (
        (user_id IS NULL) = (slot IS NULL) AND (user_id IS NULL) = (room_id IS NOT NULL))
    );
    CREATE UNIQUE INDEX game_states_save ON game_states (user_id, game_id, slot) WHERE user_id IS NOT NULL;
    CREATE UNIQUE INDEX game_states_snapshot ON game_states (room_id) WHERE room_id IS NOT NULL;

    CREATE TRIGGER touch BEFORE UPDATE ON games FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    CREATE TRIGGER touch BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    CREATE TRIGGER touch BEFORE UPDATE ON user_inventories FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    CREATE TRIGGER touch BEFORE UPDATE ON buildings FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    CREATE TRIGGER touch BEFORE UPDATE ON game_states FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
  `,
  down: `
    DROP TABLE game_states, buildings, inventory_changes, user_inventories, items, games;
  `,
};
