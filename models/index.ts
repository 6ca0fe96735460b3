/**
 * All models of one connection. Models read, and write accounts and catalogues; money is written by SQL functions.
 * The schema belongs to the migrations: nothing here creates or alters a table.
 */
import type { Sequelize } from 'sequelize';
import { defineApiKey } from './api-key.ts';
import { defineAuditEvent } from './audit-event.ts';
import { defineAuditMark } from './audit-mark.ts';
import { defineBet } from './bet.ts';
import { defineBuilding } from './building.ts';
import { defineCommand } from './command.ts';
import { defineDeviceToken } from './device-token.ts';
import { defineFairnessChain } from './fairness-chain.ts';
import { defineGame } from './game.ts';
import { defineGameSession } from './game-session.ts';
import { defineGameState } from './game-state.ts';
import { defineInventoryChange } from './inventory-change.ts';
import { defineItem } from './item.ts';
import { defineLedgerBlock } from './ledger-block.ts';
import { defineLiveRoom } from './live-room.ts';
import { defineMatchSeat } from './match-seat.ts';
import { defineNotification } from './notification.ts';
import { defineNotificationRecipient } from './notification-recipient.ts';
import { defineOAuth2Credential } from './oauth2-credential.ts';
import { definePosting } from './posting.ts';
import { defineRefreshToken } from './refresh-token.ts';
import { type Models, relateModels } from './relations.ts';
import { defineRole } from './role.ts';
import { defineRound } from './round.ts';
import { defineServerNode } from './server-node.ts';
import { defineTransaction } from './transaction.ts';
import { defineUser } from './user.ts';
import { defineUserInventory } from './user-inventory.ts';
import { defineUserProfile } from './user-profile.ts';
import { defineUserRole } from './user-role.ts';
import { defineVerificationToken } from './verification-token.ts';
import { defineWallet } from './wallet.ts';

export type { Models } from './relations.ts';

/** Fresh classes for this connection: two databases open in one process do not share models. */
export function defineModels(sequelize: Sequelize): Models {
  const models: Models = {
    ApiKey: defineApiKey(sequelize),
    AuditEvent: defineAuditEvent(sequelize),
    AuditMark: defineAuditMark(sequelize),
    Bet: defineBet(sequelize),
    Building: defineBuilding(sequelize),
    Command: defineCommand(sequelize),
    DeviceToken: defineDeviceToken(sequelize),
    FairnessChain: defineFairnessChain(sequelize),
    Game: defineGame(sequelize),
    GameSession: defineGameSession(sequelize),
    GameState: defineGameState(sequelize),
    InventoryChange: defineInventoryChange(sequelize),
    Item: defineItem(sequelize),
    LiveRoom: defineLiveRoom(sequelize),
    MatchSeat: defineMatchSeat(sequelize),
    Notification: defineNotification(sequelize),
    NotificationRecipient: defineNotificationRecipient(sequelize),
    OAuth2Credential: defineOAuth2Credential(sequelize),
    Posting: definePosting(sequelize),
    LedgerBlock: defineLedgerBlock(sequelize),
    RefreshToken: defineRefreshToken(sequelize),
    Role: defineRole(sequelize),
    Round: defineRound(sequelize),
    ServerNode: defineServerNode(sequelize),
    Transaction: defineTransaction(sequelize),
    User: defineUser(sequelize),
    UserInventory: defineUserInventory(sequelize),
    UserProfile: defineUserProfile(sequelize),
    UserRole: defineUserRole(sequelize),
    VerificationToken: defineVerificationToken(sequelize),
    Wallet: defineWallet(sequelize),
  };
  relateModels(models);
  return models;
}
