/** Names that others see: which may be chosen, and those that are made for whoever chooses none. */
import { randomInt } from 'node:crypto';
import { AppError } from '../errors.ts';

/** Names that look as if the house were speaking. */
const RESERVED = /^(admin|administrator|house|moderator|operator|root|roundhouse|support|system)$/i;
/** Without letters and digits that are taken for one another. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const GENERATED_LENGTH = 6;

export type GenerateUsername = (userType: 'guest' | 'player') => string;

/** Readable, and never made from an e-mail address: that would show a part of it to everyone. */
export const generateUsername: GenerateUsername = (userType) => {
  const letters = Array.from(
    { length: GENERATED_LENGTH },
    () => ALPHABET[randomInt(ALPHABET.length)],
  );
  return `${userType}-${letters.join('')}`;
};

export function assertMayBeChosen(username: string): void {
  if (!RESERVED.test(username)) return;
  throw new AppError('CONFLICT', 'This username is reserved.', {
    fields: { username: 'reserved' },
  });
}
