import type { Migration } from './migration.ts';

/** Who sat where in a match. The money is in the pot of the match's round: see 0007. */
export const migration: Migration = {
  name: '0008-matches',
  up: `
    -- Append-only, written with the stake's posting in one transaction. Whose stake was not given back (there is no
    -- posting refund_id) has the seat.
    CREATE TABLE match_seats (
      -- The posting of the stake.
      id uuid PRIMARY KEY,
      round_id uuid NOT NULL REFERENCES rounds (id),
      user_id bigint NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
      seat smallint NOT NULL CHECK (seat >= 0),
      stake bigint NOT NULL CHECK (stake > 0),
      refund_id uuid NOT NULL UNIQUE,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX match_seats_round ON match_seats (round_id);
    CREATE INDEX match_seats_user ON match_seats (user_id);
    CREATE TRIGGER match_seats_append_only BEFORE UPDATE OR DELETE ON match_seats
      FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER match_seats_no_truncate BEFORE TRUNCATE ON match_seats
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
  `,
  down: `
    DROP TABLE match_seats;
  `,
};
