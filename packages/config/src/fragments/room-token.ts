import type { SettingIssue } from '../settings.js';
import { authSettings, type AuthConfig } from './auth.js';

/** What a service needs that gives out tokens for rooms: the same values as signaling has. */
export const roomTokenSettings = {
  ENABLE_AUTH: authSettings.ENABLE_AUTH,
  JWT_SECRET: authSettings.JWT_SECRET,
  ROOM_TOKEN_SECRET: authSettings.ROOM_TOKEN_SECRET,
};

export type RoomTokenConfig = Pick<AuthConfig, keyof typeof roomTokenSettings>;

/** Tokens signed with a key that everybody can read would let anybody in. */
export function refusePublicRoomTokenKey(config: RoomTokenConfig): SettingIssue[] {
  const hasKey = config.JWT_SECRET !== undefined || config.ROOM_TOKEN_SECRET !== undefined;
  if (!config.ENABLE_AUTH || hasKey) return [];
  return [
    {
      variable: 'ROOM_TOKEN_SECRET',
      expected: 'with ENABLE_AUTH and no JWT_SECRET, expected the secret for room tokens that signaling has',
    },
  ];
}
