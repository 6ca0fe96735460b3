import type { Migration } from './migration.ts';

/**
 * Who plays: users with their roles, keys, tokens, devices and notifications, and the record of what staff did.
 * Deleting a user's row takes all that is theirs along. Tokens and keys are stored as SHA-256 in hex, never as given.
 */
export const migration: Migration = {
  name: '0001-accounts',
  up: `
    CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.updated_at := now();
      RETURN NEW;
    END $$;

    CREATE TABLE users (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      username text NOT NULL CHECK (char_length(username) BETWEEN 3 AND 50 AND username = btrim(username)),
      email text CHECK (char_length(email) <= 255 AND email LIKE '_%@_%'),
      -- E.164, so that one number has one spelling and "unique" means something.
      phone text UNIQUE CHECK (phone ~ '^\\+[1-9][0-9]{6,14}$'),
      first_name text CHECK (char_length(first_name) <= 100),
      last_name text CHECK (char_length(last_name) <= 100),
      full_name text CHECK (char_length(full_name) <= 255),
      external_id text UNIQUE CHECK (char_length(external_id) BETWEEN 1 AND 100),
      -- Null for guests, and for whoever signs in through a provider only.
      password_hash text CHECK (char_length(password_hash) BETWEEN 20 AND 512),
      user_type text NOT NULL DEFAULT 'player' CHECK (user_type IN ('guest', 'player', 'service', 'bot')),
      is_active boolean NOT NULL DEFAULT true,
      is_superuser boolean NOT NULL DEFAULT false,
      email_verified boolean NOT NULL DEFAULT false,
      phone_verified boolean NOT NULL DEFAULT false,
      failed_login_attempts integer NOT NULL DEFAULT 0 CHECK (failed_login_attempts >= 0),
      locked_until timestamptz,
      last_login_at timestamptz,
      timezone text NOT NULL DEFAULT 'UTC' CHECK (char_length(timezone) BETWEEN 1 AND 64),
      deleted_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT users_guest_has_no_login CHECK (user_type <> 'guest' OR (email IS NULL AND password_hash IS NULL)),
      CONSTRAINT users_verified_email CHECK (email IS NOT NULL OR NOT email_verified),
      CONSTRAINT users_verified_phone CHECK (phone IS NOT NULL OR NOT phone_verified)
    );
    -- On lower(): the citext extension is not at hand everywhere. Deleted users count: a name is not given out twice.
    CREATE UNIQUE INDEX users_username ON users (lower(username));
    CREATE UNIQUE INDEX users_email ON users (lower(email));

    CREATE TABLE user_profiles (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_id bigint NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
      bio text CHECK (char_length(bio) <= 10000),
      avatar_url text CHECK (char_length(avatar_url) <= 2048),
      location text CHECK (char_length(location) <= 100),
      dob date,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );

    CREATE TABLE roles (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name text NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9_]{0,31}$'),
      description text NOT NULL DEFAULT '',
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );
    INSERT INTO roles (name, description) VALUES
      ('player', 'Plays and owns'),
      ('support', 'Reads accounts and histories of others'),
      ('operator', 'Runs games, rooms and rounds'),
      ('admin', 'May do everything');

    CREATE TABLE user_roles (
      user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      role_id bigint NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (user_id, role_id)
    );
    CREATE INDEX user_roles_role ON user_roles (role_id);

    CREATE TABLE api_keys (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
      description text CHECK (char_length(description) <= 500),
      key_hash text NOT NULL UNIQUE CHECK (key_hash ~ '^[0-9a-f]{64}$'),
      -- The key's first characters, by which its owner tells one from another.
      key_prefix text NOT NULL CHECK (char_length(key_prefix) = 12),
      scopes jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(scopes) = 'array'),
      is_active boolean NOT NULL DEFAULT true,
      expires_at timestamptz,
      last_used_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT api_keys_user_name UNIQUE (user_id, name)
    );

    -- One row a token. A rotation adds a row to the family; a token that is used again revokes its whole family.
    CREATE TABLE refresh_tokens (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      token_hash text NOT NULL UNIQUE CHECK (token_hash ~ '^[0-9a-f]{64}$'),
      family uuid NOT NULL,
      device_info text CHECK (char_length(device_info) <= 512),
      ip inet,
      expires_at timestamptz NOT NULL,
      is_revoked boolean NOT NULL DEFAULT false,
      last_used_at timestamptz NOT NULL DEFAULT now(),
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);
    CREATE INDEX refresh_tokens_family ON refresh_tokens (family);
    CREATE INDEX refresh_tokens_expires ON refresh_tokens (expires_at);

    CREATE TABLE verification_tokens (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      token_hash text NOT NULL UNIQUE CHECK (token_hash ~ '^[0-9a-f]{64}$'),
      -- An open list (email_verification, password_reset, ...): a new purpose is no migration.
      purpose text NOT NULL CHECK (purpose ~ '^[a-z][a-z_]{0,49}$'),
      expires_at timestamptz NOT NULL,
      is_used boolean NOT NULL DEFAULT false,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX verification_tokens_user ON verification_tokens (user_id, purpose);
    CREATE INDEX verification_tokens_expires ON verification_tokens (expires_at);

    CREATE TABLE oauth2_credentials (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      -- google, github, facebook, or any other provider that the settings name.
      provider text NOT NULL CHECK (provider ~ '^[a-z][a-z0-9_]{0,31}$'),
      subject text NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 255),
      -- What the provider says; null where it keeps the address private. Never unique: the subject identifies.
      email text CHECK (char_length(email) <= 255),
      -- Both encrypted by the program: a copy of the database opens nobody's account elsewhere.
      access_token text,
      refresh_token text,
      token_expiry timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT oauth2_credentials_subject UNIQUE (provider, subject)
    );
    CREATE INDEX oauth2_credentials_user ON oauth2_credentials (user_id);
    CREATE INDEX oauth2_credentials_email ON oauth2_credentials (lower(email));

    CREATE TABLE device_tokens (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      -- Unique over all users: a device that changes hands must not go on ringing for its first owner.
      token text NOT NULL UNIQUE CHECK (char_length(token) BETWEEN 1 AND 2048),
      device_type text NOT NULL CHECK (device_type IN ('ios', 'android', 'web')),
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX device_tokens_user ON device_tokens (user_id);

    CREATE TABLE notifications (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      event text NOT NULL CHECK (char_length(event) BETWEEN 1 AND 100),
      message text NOT NULL,
      data jsonb NOT NULL DEFAULT '{}',
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );

    CREATE TABLE notification_recipients (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      notification_id bigint NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
      user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      sent_status boolean NOT NULL DEFAULT false,
      read_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT notification_recipients_once UNIQUE (notification_id, user_id)
    );
    CREATE INDEX notification_recipients_user ON notification_recipients (user_id, id DESC);
    CREATE INDEX notification_recipients_unsent ON notification_recipients (id) WHERE NOT sent_status;

    CREATE TABLE audit_events (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      -- Goes null with the user; \`actor\` still says in words who it was (a name, a role, a process).
      actor_user_id bigint REFERENCES users (id) ON DELETE SET NULL,
      actor text NOT NULL,
      action text NOT NULL,
      entity text NOT NULL,
      entity_id text,
      before jsonb,
      after jsonb,
      ip inet,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX audit_events_entity ON audit_events (entity, entity_id, id DESC);
    CREATE INDEX audit_events_actor ON audit_events (actor_user_id, id DESC);

    -- Append-only, but for the one change that a deleted user makes: actor_user_id to null and nothing else.
    CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' THEN
        IF NEW.actor_user_id IS NULL AND to_jsonb(NEW) - 'actor_user_id' = to_jsonb(OLD) - 'actor_user_id' THEN
          RETURN NEW;
        END IF;
      END IF;
      RAISE EXCEPTION 'audit_events is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events
      FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
    CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

    CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    CREATE TRIGGER touch BEFORE UPDATE ON user_profiles FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    CREATE TRIGGER touch BEFORE UPDATE ON roles FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    CREATE TRIGGER touch BEFORE UPDATE ON user_roles FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    CREATE TRIGGER touch BEFORE UPDATE ON api_keys FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    CREATE TRIGGER touch BEFORE UPDATE ON refresh_tokens FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    CREATE TRIGGER touch BEFORE UPDATE ON verification_tokens FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    CREATE TRIGGER touch BEFORE UPDATE ON oauth2_credentials FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    CREATE TRIGGER touch BEFORE UPDATE ON device_tokens FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    CREATE TRIGGER touch BEFORE UPDATE ON notifications FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
    CREATE TRIGGER touch BEFORE UPDATE ON notification_recipients FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
  `,
  down: `
    DROP TABLE audit_events, notification_recipients, notifications, device_tokens, oauth2_credentials,
      verification_tokens, refresh_tokens, api_keys, user_roles, roles, user_profiles, users;
    DROP FUNCTION refuse_audit_change();
    DROP FUNCTION touch_updated_at();
  `,
};
