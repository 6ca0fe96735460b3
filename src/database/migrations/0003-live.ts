import type { Migration } from './migration.ts';

/** Who serves what: nodes with their lease, live rooms with their fence (M8), stays of players, seed chains (F1). */
export const migration: Migration = {
  name: '0003-live',
  up: `
    CREATE TABLE server_nodes (
      id uuid PRIMARY KEY,
      hostname text NOT NULL,
      pid integer NOT NULL,
      address text,
      lease_expires_at timestamptz NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX server_nodes_lease ON server_nodes (lease_expires_at);

    CREATE TABLE live_rooms (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      room_id text NOT NULL UNIQUE,
      name text NOT NULL,
      table_name text NOT NULL,
      currency text NOT NULL DEFAULT 'COIN',
      node_id uuid NOT NULL REFERENCES server_nodes (id),
      fence bigint NOT NULL DEFAULT 1 CHECK (fence > 0),
      state jsonb,
      closed_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX live_rooms_open ON live_rooms (node_id) WHERE closed_at IS NULL;

    CREATE TABLE game_sessions (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      game_id bigint NOT NULL REFERENCES games (id),
      room_id text NOT NULL,
      session_key text NOT NULL,
      started_at timestamptz NOT NULL DEFAULT now(),
      ended_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      CHECK (ended_at IS NULL OR ended_at >= started_at)
    );
    CREATE INDEX game_sessions_user ON game_sessions (user_id, id DESC);
    CREATE INDEX game_sessions_open ON game_sessions (room_id) WHERE ended_at IS NULL;

    CREATE TABLE fairness_chains (
      id uuid PRIMARY KEY,
      game_id bigint NOT NULL REFERENCES games (id),
      room_id text NOT NULL,
      commitment char(64) NOT NULL,
      salt char(64) NOT NULL,
      length integer NOT NULL CHECK (length > 0),
      next_index integer NOT NULL DEFAULT 1 CHECK (next_index > 0),
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );
  `,
  down: `
    DROP TABLE fairness_chains;
    DROP TABLE game_sessions;
    DROP TABLE live_rooms;
    DROP TABLE server_nodes;
  `,
};
