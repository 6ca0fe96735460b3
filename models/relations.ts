/**
 * How the models relate: what `include` can fetch with a row, as types and as Sequelize's associations, side by side.
 * The types are added to the models' classes from here, so that no model's file needs another's.
 */
import type { Model, ModelStatic, NonAttribute } from 'sequelize';
import type { ApiKey } from './api-key.ts';
import type { AuditEvent } from './audit-event.ts';
import type { AuditMark } from './audit-mark.ts';
import type { Bet } from './bet.ts';
import type { Building } from './building.ts';
import type { Command } from './command.ts';
import type { DeviceToken } from './device-token.ts';
import type { FairnessChain } from './fairness-chain.ts';
import type { Game } from './game.ts';
import type { GameSession } from './game-session.ts';
import type { GameState } from './game-state.ts';
import type { InventoryChange } from './inventory-change.ts';
import type { Item } from './item.ts';
import type { LedgerBlock } from './ledger-block.ts';
import type { LiveRoom } from './live-room.ts';
import type { MatchSeat } from './match-seat.ts';
import type { Notification } from './notification.ts';
import type { NotificationRecipient } from './notification-recipient.ts';
import type { OAuth2Credential } from './oauth2-credential.ts';
import type { Posting } from './posting.ts';
import type { RefreshToken } from './refresh-token.ts';
import type { Role } from './role.ts';
import type { Round } from './round.ts';
import type { ServerNode } from './server-node.ts';
import type { Transaction } from './transaction.ts';
import type { User } from './user.ts';
import type { UserInventory } from './user-inventory.ts';
import type { UserProfile } from './user-profile.ts';
import type { UserRole } from './user-role.ts';
import type { VerificationToken } from './verification-token.ts';
import type { Wallet } from './wallet.ts';

export interface Models {
  readonly ApiKey: typeof ApiKey;
  readonly AuditEvent: typeof AuditEvent;
  readonly AuditMark: typeof AuditMark;
  readonly Bet: typeof Bet;
  readonly Building: typeof Building;
  readonly Command: typeof Command;
  readonly DeviceToken: typeof DeviceToken;
  readonly FairnessChain: typeof FairnessChain;
  readonly Game: typeof Game;
  readonly GameSession: typeof GameSession;
  readonly GameState: typeof GameState;
  readonly InventoryChange: typeof InventoryChange;
  readonly Item: typeof Item;
  readonly LiveRoom: typeof LiveRoom;
  readonly MatchSeat: typeof MatchSeat;
  readonly Notification: typeof Notification;
  readonly NotificationRecipient: typeof NotificationRecipient;
  readonly OAuth2Credential: typeof OAuth2Credential;
  readonly Posting: typeof Posting;
  readonly LedgerBlock: typeof LedgerBlock;
  readonly RefreshToken: typeof RefreshToken;
  readonly Role: typeof Role;
  readonly Round: typeof Round;
  readonly ServerNode: typeof ServerNode;
  readonly Transaction: typeof Transaction;
  readonly User: typeof User;
  readonly UserInventory: typeof UserInventory;
  readonly UserProfile: typeof UserProfile;
  readonly UserRole: typeof UserRole;
  readonly VerificationToken: typeof VerificationToken;
  readonly Wallet: typeof Wallet;
}

export function relateModels(models: Models): void {
  relateAccounts(models);
  relateCatalogue(models);
  relatePlay(models);
  relateMoney(models);
}

function relateAccounts(models: Models): void {
  const { User, Role, UserRole, Notification, NotificationRecipient } = models;
  User.hasOne(models.UserProfile, { as: 'profile', foreignKey: 'userId' });
  models.UserProfile.belongsTo(User, { as: 'user', foreignKey: 'userId' });
  oneToMany(User, 'apiKeys', models.ApiKey, 'user', 'userId');
  oneToMany(User, 'refreshTokens', models.RefreshToken, 'user', 'userId');
  oneToMany(User, 'verificationTokens', models.VerificationToken, 'user', 'userId');
  oneToMany(User, 'oauth2Credentials', models.OAuth2Credential, 'user', 'userId');
  oneToMany(User, 'deviceTokens', models.DeviceToken, 'user', 'userId');
  models.AuditEvent.belongsTo(User, { as: 'actorUser', foreignKey: 'actorUserId' });

  UserRole.belongsTo(User, { as: 'user', foreignKey: 'userId' });
  UserRole.belongsTo(Role, { as: 'role', foreignKey: 'roleId' });
  User.belongsToMany(Role, { as: 'roles', through: UserRole, foreignKey: 'userId' });
  Role.belongsToMany(User, { as: 'users', through: UserRole, foreignKey: 'roleId' });

  oneToMany(Notification, 'recipients', NotificationRecipient, 'notification', 'notificationId');
  NotificationRecipient.belongsTo(User, { as: 'user', foreignKey: 'userId' });
  const through = NotificationRecipient;
  User.belongsToMany(Notification, { as: 'notifications', through, foreignKey: 'userId' });
  Notification.belongsToMany(User, { as: 'users', through, foreignKey: 'notificationId' });
}

function relateCatalogue(models: Models): void {
  const { User, Game, GameState, Item, UserInventory, InventoryChange, Command } = models;
  oneToMany(User, 'items', Item, 'owner', 'ownerUserId');
  oneToMany(User, 'inventory', UserInventory, 'user', 'userId');
  oneToMany(Item, 'inventories', UserInventory, 'item', 'itemId');
  InventoryChange.belongsTo(User, { as: 'user', foreignKey: 'userId' });
  InventoryChange.belongsTo(Item, { as: 'item', foreignKey: 'itemId' });
  Command.belongsTo(User, { as: 'user', foreignKey: 'userId' });
  oneToMany(User, 'gameStates', GameState, 'user', 'userId');
  oneToMany(Game, 'states', GameState, 'game', 'gameId');
}

function relatePlay(models: Models): void {
  const { User, Game, GameSession, Round, FairnessChain, LiveRoom, ServerNode } = models;
  oneToMany(User, 'gameSessions', GameSession, 'user', 'userId');
  oneToMany(Game, 'sessions', GameSession, 'game', 'gameId');
  oneToMany(ServerNode, 'rooms', LiveRoom, 'node', 'nodeId');
  oneToMany(Game, 'rounds', Round, 'game', 'gameId');
  oneToMany(FairnessChain, 'rounds', Round, 'chain', 'chainId');
  FairnessChain.belongsTo(Game, { as: 'game', foreignKey: 'gameId' });
  // By the room's public id, which is what rounds hold.
  LiveRoom.hasMany(Round, { as: 'rounds', foreignKey: 'roomId', sourceKey: 'roomId' });
  Round.belongsTo(LiveRoom, { as: 'room', foreignKey: 'roomId', targetKey: 'roomId' });
}

function relateMoney(models: Models): void {
  const { User, Wallet, Posting, Transaction, Round, Bet, GameSession, Game, MatchSeat } = models;
  oneToMany(User, 'wallets', Wallet, 'user', 'userId');
  // A user has one wallet a currency; this is the one in the currency of play.
  User.hasOne(Wallet, { as: 'wallet', foreignKey: 'userId', scope: { currency: 'COIN' } });
  oneToMany(Wallet, 'transactions', Transaction, 'wallet', 'walletId');
  oneToMany(Posting, 'transactions', Transaction, 'posting', 'postingId');
  oneToMany(Bet, 'transactions', Transaction, 'bet', 'betId');
  Transaction.belongsTo(Round, { as: 'round', foreignKey: 'roundId' });
  oneToMany(User, 'bets', Bet, 'user', 'userId');
  oneToMany(Wallet, 'bets', Bet, 'wallet', 'walletId');
  oneToMany(Round, 'bets', Bet, 'round', 'roundId');
  oneToMany(GameSession, 'bets', Bet, 'session', 'sessionId');
  Bet.belongsTo(Game, { as: 'game', foreignKey: 'gameId' });
  oneToMany(Round, 'seats', MatchSeat, 'round', 'roundId');
  oneToMany(User, 'matchSeats', MatchSeat, 'user', 'userId');
}

type AnyModel = ModelStatic<Model>;

/** `one[many]` and `child[back]`, both over the child's `foreignKey`. */
function oneToMany(
  one: AnyModel,
  many: string,
  child: AnyModel,
  back: string,
  foreignKey: string,
): void {
  one.hasMany(child, { as: many, foreignKey });
  child.belongsTo(one, { as: back, foreignKey });
}

declare module './user.ts' {
  interface User {
    profile?: NonAttribute<UserProfile | null>;
    roles?: NonAttribute<Role[]>;
    apiKeys?: NonAttribute<ApiKey[]>;
    refreshTokens?: NonAttribute<RefreshToken[]>;
    verificationTokens?: NonAttribute<VerificationToken[]>;
    oauth2Credentials?: NonAttribute<OAuth2Credential[]>;
    deviceTokens?: NonAttribute<DeviceToken[]>;
    notifications?: NonAttribute<Notification[]>;
    wallet?: NonAttribute<Wallet | null>;
    wallets?: NonAttribute<Wallet[]>;
    gameSessions?: NonAttribute<GameSession[]>;
    gameStates?: NonAttribute<GameState[]>;
    inventory?: NonAttribute<UserInventory[]>;
    items?: NonAttribute<Item[]>;
    bets?: NonAttribute<Bet[]>;
    matchSeats?: NonAttribute<MatchSeat[]>;
  }
}
declare module './api-key.ts' {
  interface ApiKey {
    user?: NonAttribute<User>;
  }
}
declare module './audit-event.ts' {
  interface AuditEvent {
    actorUser?: NonAttribute<User | null>;
  }
}
declare module './bet.ts' {
  interface Bet {
    user?: NonAttribute<User>;
    wallet?: NonAttribute<Wallet>;
    round?: NonAttribute<Round>;
    session?: NonAttribute<GameSession | null>;
    game?: NonAttribute<Game>;
    transactions?: NonAttribute<Transaction[]>;
  }
}
declare module './command.ts' {
  interface Command {
    user?: NonAttribute<User>;
  }
}
declare module './device-token.ts' {
  interface DeviceToken {
    user?: NonAttribute<User>;
  }
}
declare module './fairness-chain.ts' {
  interface FairnessChain {
    game?: NonAttribute<Game>;
    rounds?: NonAttribute<Round[]>;
  }
}
declare module './game.ts' {
  interface Game {
    sessions?: NonAttribute<GameSession[]>;
    rounds?: NonAttribute<Round[]>;
    states?: NonAttribute<GameState[]>;
  }
}
declare module './game-session.ts' {
  interface GameSession {
    user?: NonAttribute<User>;
    game?: NonAttribute<Game>;
    bets?: NonAttribute<Bet[]>;
  }
}
declare module './game-state.ts' {
  interface GameState {
    user?: NonAttribute<User | null>;
    game?: NonAttribute<Game>;
  }
}
declare module './inventory-change.ts' {
  interface InventoryChange {
    user?: NonAttribute<User>;
    item?: NonAttribute<Item>;
  }
}
declare module './item.ts' {
  interface Item {
    owner?: NonAttribute<User | null>;
    inventories?: NonAttribute<UserInventory[]>;
  }
}
declare module './live-room.ts' {
  interface LiveRoom {
    node?: NonAttribute<ServerNode>;
    rounds?: NonAttribute<Round[]>;
  }
}
declare module './match-seat.ts' {
  interface MatchSeat {
    user?: NonAttribute<User>;
    round?: NonAttribute<Round>;
  }
}
declare module './notification.ts' {
  interface Notification {
    recipients?: NonAttribute<NotificationRecipient[]>;
    users?: NonAttribute<User[]>;
  }
}
declare module './notification-recipient.ts' {
  interface NotificationRecipient {
    notification?: NonAttribute<Notification>;
    user?: NonAttribute<User>;
  }
}
declare module './oauth2-credential.ts' {
  interface OAuth2Credential {
    user?: NonAttribute<User>;
  }
}
declare module './posting.ts' {
  interface Posting {
    transactions?: NonAttribute<Transaction[]>;
  }
}
declare module './refresh-token.ts' {
  interface RefreshToken {
    user?: NonAttribute<User>;
  }
}
declare module './role.ts' {
  interface Role {
    users?: NonAttribute<User[]>;
  }
}
declare module './round.ts' {
  interface Round {
    game?: NonAttribute<Game>;
    chain?: NonAttribute<FairnessChain>;
    room?: NonAttribute<LiveRoom>;
    bets?: NonAttribute<Bet[]>;
    seats?: NonAttribute<MatchSeat[]>;
  }
}
declare module './server-node.ts' {
  interface ServerNode {
    rooms?: NonAttribute<LiveRoom[]>;
  }
}
declare module './transaction.ts' {
  interface Transaction {
    wallet?: NonAttribute<Wallet>;
    posting?: NonAttribute<Posting>;
    bet?: NonAttribute<Bet | null>;
    round?: NonAttribute<Round | null>;
  }
}
declare module './user-inventory.ts' {
  interface UserInventory {
    user?: NonAttribute<User>;
    item?: NonAttribute<Item>;
  }
}
declare module './user-profile.ts' {
  interface UserProfile {
    user?: NonAttribute<User>;
  }
}
declare module './user-role.ts' {
  interface UserRole {
    user?: NonAttribute<User>;
    role?: NonAttribute<Role>;
  }
}
declare module './verification-token.ts' {
  interface VerificationToken {
    user?: NonAttribute<User>;
  }
}
declare module './wallet.ts' {
  interface Wallet {
    user?: NonAttribute<User | null>;
    transactions?: NonAttribute<Transaction[]>;
    bets?: NonAttribute<Bet[]>;
  }
}
