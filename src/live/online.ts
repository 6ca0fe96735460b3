/**
 * The players online, on this node and in all. Each node writes its own count into one presence hash and tells the
 * others of changes; a count that was not renewed for a while belongs to a node that is gone.
 */
import type { Presence } from '@colyseus/core';
import type { UserId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { metrics } from '../metrics.ts';

const KEY = 'roundhouse:online';
const CHANNEL = 'roundhouse:online';
/** Changes are told at most this often. */
const SETTLE_MS = 200;
const RENEW_MS = 5_000;
const STALE_MS = 15_000;

export class OnlinePlayers {
  readonly #presence: Presence;
  readonly #nodeId: string;
  readonly #logger: Logger;
  readonly #connections = new Map<UserId, number>();
  readonly #listeners = new Set<(online: number) => void>();
  readonly #renewal: NodeJS.Timeout;
  readonly #hear = () => this.#try(this.#recount());
  #pending: NodeJS.Timeout | undefined;
  #online = 0;

  constructor(presence: Presence, nodeId: string, logger: Logger) {
    this.#presence = presence;
    this.#nodeId = nodeId;
    this.#logger = logger;
    this.#renewal = setInterval(() => this.#try(this.#tell()), RENEW_MS);
  }

  async start(): Promise<void> {
    await this.#presence.subscribe(CHANNEL, this.#hear);
    await this.#tell();
  }

  /** Players online on all nodes, as of the last change. */
  get count(): number {
    return this.#online;
  }

  /** Answers when presence does. */
  async ping(): Promise<void> {
    await this.#presence.hget(KEY, this.#nodeId);
  }

  onChange(listener: (online: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** One connection of a player; call the returned function when it is gone. */
  enter(userId: UserId): () => void {
    this.#connections.set(userId, (this.#connections.get(userId) ?? 0) + 1);
    this.#changed();
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const others = (this.#connections.get(userId) ?? 0) - 1;
      if (others > 0) this.#connections.set(userId, others);
      else this.#connections.delete(userId);
      this.#changed();
    };
  }

  async stop(): Promise<void> {
    clearInterval(this.#renewal);
    clearTimeout(this.#pending);
    this.#pending = undefined;
    this.#presence.unsubscribe(CHANNEL, this.#hear);
    await this.#presence.hdel(KEY, this.#nodeId);
    this.#presence.publish(CHANNEL, this.#nodeId);
  }

  #changed(): void {
    metrics.players.set(this.#connections.size);
    this.#pending ??= setTimeout(() => {
      this.#pending = undefined;
      this.#try(this.#tell());
    }, SETTLE_MS);
  }

  /** A presence that fails makes the count old, nothing else. */
  #try(work: Promise<void>): void {
    work.catch((error) => this.#logger.warn({ err: error }, 'players online not counted'));
  }

  async #tell(): Promise<void> {
    await this.#presence.hset(KEY, this.#nodeId, `${this.#connections.size}@${Date.now()}`);
    this.#presence.publish(CHANNEL, this.#nodeId);
  }

  async #recount(): Promise<void> {
    const counts = Object.values(await this.#presence.hgetall(KEY)).map((entry) => {
      const [count, at] = entry.split('@').map(Number);
      return Date.now() - (at ?? 0) < STALE_MS ? (count ?? 0) : 0;
    });
    const online = counts.reduce((sum, count) => sum + count, 0);
    if (online === this.#online) return;
    this.#online = online;
    for (const listener of this.#listeners) listener(online);
  }
}
