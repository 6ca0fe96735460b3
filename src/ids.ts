/** Branded ids: a wallet's number cannot be passed where a user's is meant. All bigints fit a safe integer. */
declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

export type UserId = Branded<number, 'UserId'>;
export type WalletId = Branded<number, 'WalletId'>;
export type GameSessionId = Branded<number, 'GameSessionId'>;
export type RoundId = Branded<string, 'RoundId'>;
export type BetId = Branded<string, 'BetId'>;
export type NodeId = Branded<string, 'NodeId'>;
export type RoomId = Branded<string, 'RoomId'>;
