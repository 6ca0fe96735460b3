/** A user with what is theirs: one statement, however much of it is asked for (W9). */
import type pg from 'pg';
import { AppError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import { persist } from '../ledger/persist.ts';
import type { Me, MePart } from '../protocol.ts';

/** A user who has more sees the rest in the lists of their own. */
const MAX_HOLDINGS = 1_000;
const MAX_SAVES = 100;

/** @throws AppError UNAUTHENTICATED when the user is gone or blocked, BUSY */
export type ReadOverview = (userId: UserId, parts: readonly MePart[]) => Promise<Me>;

const USER = `u.id, u.username, u.email, u.email_verified AS "emailVerified", u.user_type AS "userType",
  u.created_at AS "createdAt", (SELECT coalesce(json_agg(r.name ORDER BY r.name COLLATE "C"), '[]')
    FROM user_roles a JOIN roles r ON r.id = a.role_id WHERE a.user_id = u.id) AS roles`;

/** Each is one JSON value of the user `u`; $2 is the currency, and only the wallet asks for it. */
const PARTS: Record<MePart, string> = {
  profile: `coalesce(
    (SELECT json_build_object('bio', p.bio, 'avatarUrl', p.avatar_url, 'location', p.location, 'dob', p.dob)
     FROM user_profiles p WHERE p.user_id = u.id),
    json_build_object('bio', NULL, 'avatarUrl', NULL, 'location', NULL, 'dob', NULL))`,
  wallet: `coalesce(
    (SELECT json_build_object('currency', w.currency, 'balance', w.balance, 'seq', w.seq)
     FROM wallets w WHERE w.user_id = u.id AND w.currency = $2::text),
    json_build_object('currency', $2::text, 'balance', 0, 'seq', 0))`,
  inventory: `(SELECT coalesce(json_agg(json_build_object('quantity', x.quantity,
      'item', json_build_object('id', x.id, 'name', x.name, 'title', x.title, 'icon', x.icon)) ORDER BY x.id), '[]')
    FROM (SELECT i.id, i.name, i.title, i.icon, h.quantity FROM user_inventories h JOIN items i ON i.id = h.item_id
      WHERE h.user_id = u.id AND h.quantity > 0 ORDER BY h.item_id LIMIT ${MAX_HOLDINGS}) x)`,
  gameStates: `(SELECT coalesce(json_agg(json_build_object('id', x.id, 'game', x.game, 'slot', x.slot,
      'title', x.title, 'isPublic', x.is_public, 'version', x.version, 'lastSaved', ${utc('x.last_saved')},
      'createdAt', ${utc('x.created_at')}, 'setAside', CASE WHEN x.set_aside_at IS NOT NULL THEN
        json_build_object('at', ${utc('x.set_aside_at')}, 'reason', x.set_aside_reason) END)
      ORDER BY x.set_aside_at IS NOT NULL, x.id), '[]')
    FROM (SELECT s.*, g.name AS game FROM game_states s JOIN games g ON g.id = s.game_id WHERE s.user_id = u.id
      ORDER BY s.set_aside_at IS NOT NULL, s.id LIMIT ${MAX_SAVES}) x)`,
};

export function createOverview(pool: pg.Pool, currency: string): ReadOverview {
  return async (userId, wanted) => {
    const parts = [...new Set(wanted)];
    const columns = [USER, ...parts.map((part) => `${PARTS[part]} AS "${part}"`)];
    const text = `SELECT ${columns.join(', ')} FROM users u
      WHERE u.id = $1 AND u.is_active AND u.deleted_at IS NULL`;
    const values = parts.includes('wallet') ? [userId, currency] : [userId];
    const { rows } = await persist(() =>
      pool.query<Omit<Me, 'createdAt'> & { createdAt: Date }>(text, values),
    );
    const [user] = rows;
    if (!user) {
      throw new AppError('UNAUTHENTICATED', 'This account does not exist any more, or is blocked.');
    }
    return { ...user, createdAt: user.createdAt.toISOString() };
  };
}

/** As JSON has times everywhere here. */
function utc(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
