const METERED_HOST = 'metered.live';

/**
 * Where Metered's API of one app is: `yourcompany` and `yourcompany.metered.live` mean the same; a URL is taken as it is
 * (production refuses `http://`, see the settings).
 */
export function meteredOrigin(domain: string): string {
  if (/^https?:\/\//.test(domain)) return new URL(domain).origin;
  const host = domain.replace(/\/$/, '');
  return `https://${host.includes('.') ? host : `${host}.${METERED_HOST}`}`;
}
