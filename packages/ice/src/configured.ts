import type { IceConfig } from '@parley/config';
import type { Logger } from '@parley/runtime';
import { coturnProvider } from './coturn.js';
import type { IceMetrics } from './ice-metrics.js';
import { meteredProvider } from './metered/provider.js';
import { meteredOrigin } from './metered/origin.js';
import { staticProvider } from './static.js';
import type { TurnProvider } from './turn-provider.js';

/**
 * The TURN providers that the settings describe, in the order in which they are asked: Metered, whose relays are near
 * every player; then one's own servers; then fixed credentials, which do not expire and are therefore the last choice.
 */
export function configuredProviders(config: IceConfig, logger: Logger, metrics: IceMetrics): TurnProvider[] {
  const providers = [metered(config, logger, metrics), coturn(config), fixed(config)];
  return providers.filter((provider) => provider !== undefined);
}

function metered(config: IceConfig, logger: Logger, metrics: IceMetrics): TurnProvider | undefined {
  const { METERED_DOMAIN, METERED_API_KEY } = config;
  if (METERED_DOMAIN === undefined || METERED_API_KEY === undefined) return undefined;
  return meteredProvider({
    origin: meteredOrigin(METERED_DOMAIN),
    secretKey: METERED_API_KEY,
    expirySeconds: config.TURN_EXPIRY_SECONDS,
    timeoutMs: config.ICE_TIMEOUT_MS,
    logger,
    metrics,
  });
}

function coturn({ TURN_URLS, TURN_SECRET, TURN_EXPIRY_SECONDS }: IceConfig): TurnProvider | undefined {
  if (TURN_URLS.length === 0 || TURN_SECRET === undefined) return undefined;
  return coturnProvider({ urls: TURN_URLS, secret: TURN_SECRET, expirySeconds: TURN_EXPIRY_SECONDS });
}

function fixed(config: IceConfig): TurnProvider | undefined {
  const { TURN_STATIC_URLS: urls, TURN_STATIC_USERNAME: username } = config;
  const credential = config.TURN_STATIC_CREDENTIAL;
  if (urls.length === 0 || username === undefined || credential === undefined) return undefined;
  return staticProvider({ urls, credential: { username, credential } });
}
