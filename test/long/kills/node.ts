/**
 * The process that is killed: a node as the composition root makes it (lease, recovery, ledger, hash chain) with the
 * rounds of its rooms (cycle, commands, automatic cash-outs), without Colyseus and HTTP around it. Its clients are in the
 * process of the test. A round takes a fraction of a second, so that every phase is met often.
 */
import { openDatabase } from '../../../src/database/connection.ts';
import { AppError } from '../../../src/errors.ts';
import { roundByName } from '../../../src/games/registry.ts';
import type { BetId, RoomId, UserId, WalletId } from '../../../src/ids.ts';
import { HashChain } from '../../../src/ledger/hash-chain.ts';
import { History } from '../../../src/ledger/history.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { takeLease } from '../../../src/live/lease.ts';
import { recoverAbandonedRooms, recoverRoom } from '../../../src/live/recovery.ts';
import { createLogger } from '../../../src/log.ts';
import { Table } from './table.ts';
import type { Command, FromNode, News, Seat, ToNode } from './wire.ts';

const logger = createLogger('silent');
const outbox: News[] = [];

function tell(news: News): void {
  if (outbox.push(news) === 1) setImmediate(flush);
}

function flush(): void {
  send({ kind: 'news', list: outbox.splice(0) });
}

function send(message: FromNode): void {
  process.send?.(message);
}

/** As `createApp` does it, as far as money is concerned. */
async function start(url: string, tableCount: number, seats: readonly Seat[]) {
  const db = await openDatabase(url, { poolSize: 1, logger });
  send({ kind: 'recovering' });
  const lease = await takeLease(db, undefined, logger);
  const ledger = new Ledger(db, {
    startBalance: 0,
    logger,
    hasNeighbours: () => lease.liveNodes() > 1,
  });
  const recovery = { db, lease, ledger, logger, rulesOf: roundByName, failed: new Set<RoomId>() };
  await recoverAbandonedRooms(recovery);
  let sweeping = false;
  lease.onRenewed(() => {
    if (sweeping) return;
    sweeping = true;
    recoverAbandonedRooms(recovery)
      .catch(() => {})
      .finally(() => {
        sweeping = false;
      });
  });
  await ledger.feed.listen();
  new HashChain(db, logger).start();

  const tables = Array.from(
    { length: tableCount },
    (_, number) =>
      new Table(number, {
        db,
        lease,
        ledger,
        history: new History(db.pool),
        recoverRoom: (roomId) => recoverRoom(recovery, roomId),
        tell,
      }),
  );
  await Promise.all(
    tables.map((table, number) =>
      table.open(
        seats.flatMap((seat, player) =>
          seat.table === number
            ? [{ player, userId: seat.userId as UserId, walletId: seat.walletId as WalletId }]
            : [],
        ),
      ),
    ),
  );
  seats.forEach(({ userId }, player) => {
    ledger.feed.subscribe(userId as UserId, ({ seq, balance }) =>
      tell(['wallet', player, [seq, balance]]),
    );
  });

  /** M7: noted before anything else is done. */
  function receive([number, player, what, id, amount, autoCashout]: Command, at: number): void {
    const { table: tableNumber, userId } = seats[player] as Seat;
    const table = tables[tableNumber] as Table;
    const betId = id as BetId;
    const auto = autoCashout > 0 ? { autoCashout } : {};
    const answered = {
      bet: () => table.bet(player, { betId, amount, ...auto }),
      cashout: () => table.cashOut(player, betId, at),
      betStatus: () => table.betStatus(player, betId),
      grant: () => ledger.grant(userId as UserId, amount, id, 'a present'),
    }[what]();
    answered.then(
      (answer) => {
        if ('seq' in answer) return tell(['granted', number, [answer.seq, answer.balance]]);
        const { betId, status, payout, balance, createdAt } = answer;
        tell(['bet', number, { betId, status, payout, balance, createdAt }]);
      },
      (error) => {
        const code = error instanceof AppError ? error.code : 'INTERNAL';
        tell(['refused', number, code]);
        if (code === 'INTERNAL') tell(['abandoned', tableNumber, `${what}: ${error.stack}`]);
      },
    );
  }

  process.on('message', (message: ToNode) => {
    const receivedAt = performance.now();
    if (message.kind === 'commands') {
      for (const command of message.list) receive(command, receivedAt);
    } else if (message.kind === 'rest') {
      for (const table of tables) table.rest(message.rest);
    }
  });
  send({ kind: 'ready' });
}

process.once('message', (message: ToNode) => {
  if (message.kind !== 'start') throw new Error('the first message says how to start');
  start(message.databaseUrl, message.tables, message.seats).catch((error) => {
    // The database may be killed while this starts, and then this ends, as a server does.
    console.error(`the node did not start: ${error.message}`);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit(0));
