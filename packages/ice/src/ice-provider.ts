import { incompleteIceProviders, type IceConfig } from '@parley/config';
import type { IceServer } from '@parley/protocol';
import type { Logger, ServiceDeps } from '@parley/runtime';
import { configuredProviders } from './configured.js';
import { iceMetrics } from './ice-metrics.js';
import type { TurnProvider, TurnResult } from './turn-provider.js';

/** What `POST /api/ice-servers` answers, and a match takes its `iceServers` from (contract §2). */
export interface IceAnswer {
  /** STUN first, then the TURN servers of one provider. */
  readonly iceServers: readonly IceServer[];
  /** When the TURN credentials end (ms since 1970, like a match's); absent when nothing in the answer ends. */
  readonly expiresAt?: number;
}

/** Where clients get their STUN and TURN servers from. No method ever rejects. */
export interface IceProvider {
  /**
   * The servers for one client, within `ICE_TIMEOUT_MS` a provider. Start it beside the allocation of a slot and await
   * both: it does not depend on the match.
   * @param user who will use them; coturn counts quotas by it. Whoever has no name gets one for this answer
   */
  iceServers(user?: string): Promise<readonly IceServer[]>;
  /** The same as the body that `POST /api/ice-servers` answers; the client asks again before `expiresAt`. */
  answer(user?: string): Promise<IceAnswer>;
}

/**
 * STUN always, and TURN from the first configured provider that answers: Metered, coturn's shared secret, static. One
 * that fails or is slow is passed over; when all are, the answer is STUN alone. Does no I/O until it is asked.
 */
export function createIceProvider({ config, logger, metrics }: ServiceDeps<IceConfig>): IceProvider {
  for (const { variable, expected } of incompleteIceProviders(config)) {
    logger.warn({ variable }, `TURN provider left out: ${variable}: ${expected}`);
  }
  const counted = iceMetrics(metrics);
  const providers = configuredProviders(config, logger, counted);
  const stun = config.STUN_URLS.map((urls): IceServer => ({ urls }));

  async function answer(user?: string): Promise<IceAnswer> {
    for (const provider of providers) {
      const turn = await ask(provider, user, logger);
      counted.asked(provider.name, turn.ok ? 'answered' : turn.failure);
      if (!turn.ok) continue;
      const iceServers = [...stun, ...turn.servers];
      return turn.expiresAtMs === undefined ? { iceServers } : { iceServers, expiresAt: turn.expiresAtMs };
    }
    if (providers.length > 0) counted.stunOnly();
    return { iceServers: stun };
  }

  return { answer, iceServers: async (user) => (await answer(user)).iceServers };
}

async function ask(provider: TurnProvider, user: string | undefined, logger: Logger): Promise<TurnResult> {
  try {
    return await provider.turn(user);
  } catch (error) {
    // Its message may quote what we sent, so only its kind is told.
    const detail = error instanceof Error ? error.name : typeof error;
    logger.error({ provider: provider.name, detail }, 'TURN provider failed unexpectedly');
    return { ok: false, failure: 'failed', detail };
  }
}
