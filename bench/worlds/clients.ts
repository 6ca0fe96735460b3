/** A process with many SDK clients: they open their towns, send commands and visit each other when told to. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Room } from '@colyseus/sdk';
import { createTokens } from '../../src/accounts/tokens.ts';
import type { UserId } from '../../src/ids.ts';
import type { WorldState } from '../../src/protocol.ts';
import { closedLoop } from '../window.ts';
import { KINDS, WARE } from './catalogue.ts';
import { commandsOfTown, type TownCommand } from './loads.ts';
import type { Given, Opened, Order, Ran, Received, Visited } from './orders.ts';

type TownRoom = Room<unknown, WorldState>;

const ANSWER_TIMEOUT_MS = 30_000;
/** Of one connection, below the rate at which commands are refused. */
const COMMAND_EVERY_MS = 25;
/** The building of a visited town that is upgraded, and the one that is taken down and built again. */
const UPGRADED = 1;
const LAST = { x: 15, y: 15 };

const { url, secret } = JSON.parse(process.argv[2] as string) as Given;
const tokens = createTokens(secret);
/** Of the owners who are in their towns, by user. */
const owners = new Map<number, { room: TownRoom; commandOf: ReturnType<typeof commandsOfTown> }>();
const received = new WeakMap<object, { frames: number; bytes: number }>();

console.info = () => {};
countFrom(Room.prototype);
process.on('message', (order: string) => {
  obey(JSON.parse(order) as Order).then(
    (answer) => process.send?.(answer),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
console.log('Ready.');

function obey(order: Order): Promise<Opened | Ran | Visited> {
  switch (order.kind) {
    case 'open':
      return open(order);
    case 'commands':
      return send(order);
    case 'visit':
      return visit(order);
  }
}

async function open({ userIds, atOnce }: Extract<Order, { kind: 'open' }>): Promise<Opened> {
  const ms: number[] = [];
  const waiting = userIds.values();
  const openSome = async () => {
    for (const userId of waiting) {
      const startedAt = performance.now();
      const room = await join(userId, {});
      ms.push(performance.now() - startedAt);
      owners.set(userId, { room, commandOf: commandsOfTown() });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, openSome));
  return { kind: 'open', ms };
}

/** Answers when the first state is there. */
async function join(userId: number, options: object): Promise<TownRoom> {
  const client = new Client(url);
  client.http.authToken = tokens.issueAccessToken(userId as UserId).token;
  const room = (await client.joinOrCreate('town', options)) as unknown as TownRoom;
  room.reconnection.enabled = false;
  room.onLeave((code) => {
    console.error(`a connection was closed: ${code}`);
    process.exit(1);
  });
  room.onMessage('*', () => {});
  await new Promise<void>((resolve) => room.onStateChange.once(() => resolve()));
  return room;
}

async function send(order: Extract<Order, { kind: 'commands' }>): Promise<Ran> {
  const { load, inFlight, ...times } = order;
  const all = [...owners.values()];
  const next = () => {
    const { room, commandOf } = all[Math.floor(Math.random() * all.length)] as (typeof all)[number];
    return { room, command: commandOf(load) };
  };
  const window = await closedLoop(
    async ({ room, command }) => {
      try {
        await ask(room, command);
        return 'OK';
      } catch (error) {
        const { reason } = error as { reason?: { code: string } };
        if (!reason) throw error;
        return reason.code;
      }
    },
    next,
    inFlight,
    times,
  );
  return { kind: 'commands', window };
}

function ask(
  room: TownRoom,
  { type, commandId, input }: TownCommand,
): Promise<Record<string, unknown>> {
  const options = { timeout: ANSWER_TIMEOUT_MS };
  return room.request(type as never, { commandId, ...input } as never, options);
}

async function visit(order: Extract<Order, { kind: 'visit' }>): Promise<Visited> {
  const { room: owner } = owners.get(order.ownerId) as { room: TownRoom };
  const visitor = await join(order.visitorId, { world: order.world });
  const joining = { ...receivedBy(visitor) };
  const commands: Record<string, Received[]> = {};
  /** Until the visitor has been shown it. */
  const show = async (type: string, input: Record<string, unknown>) => {
    await delay(COMMAND_EVERY_MS);
    const before = { ...receivedBy(visitor) };
    const answer = await ask(owner, { type, input, commandId: crypto.randomUUID() });
    await shown(visitor, answer.version as number);
    const { frames, bytes } = receivedBy(visitor);
    const received = { frames: frames - before.frames, bytes: bytes - before.bytes };
    commands[type] = [...(commands[type] ?? []), received];
    return answer;
  };
  let last = owner.state.entries.size;
  for (let n = 0; n < order.times; n++) {
    await show('upgrade', { id: UPGRADED });
    await show('buy', { item: WARE, quantity: 1 });
    await show('demolish', { id: last });
    const built = await show('build', { building: KINDS[0]?.name, ...LAST });
    last = (built.building as { id: number }).id;
  }
  return { kind: 'visit', joining, commands };
}

async function shown(room: TownRoom, version: number): Promise<void> {
  while (room.state.version < version) {
    await new Promise<void>((resolve) => room.onStateChange.once(() => resolve()));
  }
}

function receivedBy(room: object): { frames: number; bytes: number } {
  return received.get(room) as { frames: number; bytes: number };
}

/** Counts from the first frame on, which comes before anyone is given the room. */
function countFrom(prototype: Room): void {
  const { connect } = prototype;
  prototype.connect = function (this: Room, ...given: Parameters<Room['connect']>) {
    connect.apply(this, given);
    const counted = { frames: 0, bytes: 0 };
    received.set(this, counted);
    const { events } = this.connection;
    const receive = events.onmessage;
    events.onmessage = (event: MessageEvent<ArrayBuffer>) => {
      counted.frames += 1;
      counted.bytes += event.data.byteLength;
      receive?.(event);
    };
  };
}
