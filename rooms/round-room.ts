/**
 * Hosts a game of rounds: the rules decide, the ledger commits, and what was committed is shown. One class for every
 * game of the kind; `roundRoom(game, services)` makes the class of one game.
 */
import type { RoundGame } from '../src/games/contract.ts';
import { BetIdCommand } from '../src/protocol.ts';
import { AutoCashOuts } from './auto-cash-out.ts';
import { onAuthWith, type PlayerClient } from './base-room.ts';
import type { CycleParts } from './cycle.ts';
import { type Command, command } from './dispatch.ts';
import type { LiveRound } from './round.ts';
import { RoundCycle, type RoundStage } from './round-cycle.ts';
import type { RoomServices } from './services.ts';
import { PATCH_MS, TableRoom } from './table-room.ts';

export abstract class RoundRoom extends TableRoom {
  protected abstract override readonly game: RoundGame;
  #autos: AutoCashOuts | undefined;
  /** Draws the picture of the running round into the state. */
  #showPicture: (() => void) | undefined;

  protected override get rules(): RoundGame {
    return this.game;
  }

  protected override commands(): Record<string, Command<PlayerClient>> {
    const bets = super.commands();
    if (!this.game.cashOutMultiplier) return bets;
    const cashout = command(BetIdCommand, (client: PlayerClient, wish, receivedAt) =>
      this.bets.cashOut(this.better(client), wish, receivedAt),
    );
    return { ...bets, cashout };
  }

  protected override cycleOf(parts: Omit<CycleParts, 'stage'>): RoundCycle {
    return new RoundCycle(this.game, { ...parts, stage: this.#stage() }, this.services.beacon);
  }

  /** One timer for pictures and patches: with two of them, pictures share patches and patches come without one. */
  override onBeforePatch(): void {
    this.#showPicture?.();
  }

  override async onDispose(): Promise<void> {
    this.#stopRunning();
    await super.onDispose();
  }

  protected override remember(roundId: string, outcome: object): void {
    super.remember(roundId, this.game.digest?.(outcome) ?? outcome);
  }

  #stage(): RoundStage {
    const { game, display } = this;
    const base = this.baseStage(game.settledMs);
    return {
      ...base,
      opened: (round) => {
        base.opened(round);
        display.show({ ...game.start, bettingOpen: true });
        display.board(round);
        display.phase('betting', game.bettingMs);
      },
      waiting: (round, dueAt) => {
        display.show({ bettingOpen: round.accepting });
        display.board(round);
        display.phase('betting', dueAt - Date.now());
      },
      running: (round) => {
        const elapsed = () => round.elapsedAt(performance.now()) as number;
        const show = () => game.view(elapsed(), round.outcome as object);
        display.show({ bettingOpen: round.accepting, ...show() });
        display.board(round);
        display.phase('running', null);
        this.#autos = this.#autosOf(round, elapsed);
        if (game.viewEveryMs > 0) {
          this.patchRate = game.viewEveryMs;
          this.#showPicture = () => {
            if (elapsed() < round.runningMs) display.show({ now: Date.now(), ...show() });
          };
        }
      },
      ended: (round, outcome) => {
        this.#stopRunning();
        display.show(game.reveal(outcome));
        base.ended(round, outcome);
      },
      closed: (round) => {
        this.#stopRunning();
        base.closed(round);
      },
    };
  }

  /** Automatic cash-outs that come before the end; those at the very end are settled by the rules. */
  #autosOf(round: LiveRound, elapsed: () => number): AutoCashOuts {
    const due = round.board.open().flatMap((bet) => {
      const auto = this.game.autoCashOut?.(bet);
      return auto && auto.atMs < round.runningMs ? [{ bet, ...auto }] : [];
    });
    return new AutoCashOuts(due, elapsed, (now) => {
      for (const { bet, multiplier } of now) {
        this.queue
          .run(() => this.bets.pay(round, bet, multiplier, 'auto'))
          .catch((error) =>
            this.services.logger.warn({ err: error }, 'automatic cash-out left to the end'),
          );
      }
    });
  }

  #stopRunning(): void {
    if (this.#showPicture) this.patchRate = PATCH_MS;
    this.#showPicture = undefined;
    this.#autos?.stop();
    this.#autos = undefined;
  }
}

/** The room class of one game. */
export function roundRoom(game: RoundGame, services: RoomServices): new () => RoundRoom {
  return class extends RoundRoom {
    protected override readonly game = game;
    protected override readonly services = services;
    static override onAuth = onAuthWith(services) as never;
  };
}
