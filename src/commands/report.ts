import { unhurried } from '../database/connection.ts';
import type { Command } from './command.ts';
import { withDatabase } from './store.ts';

export const reportCommand: Command = {
  usage: 'report',
  summary: 'the realised return to players, by game and version of the pay table',
  async run({ config }) {
    const rows = await withDatabase(config(), async (db) => {
      const result = await db.pool.query(
        unhurried(`SELECT g.name AS game, r.pay_table_version AS "payTable", count(*) AS rounds, sum(r.bet_count) AS bets,
                sum(r.staked)::bigint AS staked, sum(r.paid)::bigint AS paid,
                round(100.0 * sum(r.paid) / nullif(sum(r.staked), 0), 2)::text AS "returned %"
         FROM rounds r JOIN games g ON g.id = r.game_id WHERE r.phase = 'settled' GROUP BY 1, 2 ORDER BY 1, 2`),
      );
      return result.rows;
    });
    console.table(rows);
    return 0;
  },
};
