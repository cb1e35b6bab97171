import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** A certificate and its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority that nobody knows, and that signs certificates of servers on 127.0.0.1. */
export interface TestAuthority {
  /** Its own certificate, as PEM: for whoever is to trust it. */
  readonly ca: string;
  issue(): Certificate;
}

const DAY_MS = 86_400_000;

/** Make an authority; by hand, since neither Node nor every machine has a tool for it (RFC 5280). */
export function createAuthority(): TestAuthority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // basicConstraints, critical: it may sign others.
  const extensions = [sequence(oid(0x55, 0x1d, 0x13), TRUE, octets(sequence(TRUE)))];
  return {
    ca: certificate('Test authority', own.publicKey, own.privateKey, extensions),
    issue() {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      // subjectAltName: an IP address.
      const loopback = tagged(0x87, Buffer.from([127, 0, 0, 1]));
      const names = [sequence(oid(0x55, 0x1d, 0x11), octets(sequence(loopback)))];
      return {
        cert: certificate('127.0.0.1', publicKey, own.privateKey, names),
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

function certificate(subject: string, key: KeyObject, signer: KeyObject, extensions: Buffer[]): string {
  const version3 = tagged(0xa0, integer(Buffer.from([2])));
  const serial = integer(Buffer.concat([Buffer.from([1]), randomBytes(8)]));
  const validity = sequence(time(Date.now() - DAY_MS), time(Date.now() + DAY_MS));
  const content = sequence(
    version3,
    serial,
    ECDSA_SHA256,
    named('Test authority'),
    validity,
    named(subject),
    key.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  const signature = tagged(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', content, signer)]));
  const base64 = sequence(content, ECDSA_SHA256, signature).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

/** One value of DER: its tag, its length, its content. */
function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const TRUE = tagged(0x01, Buffer.from([255]));
const integer = (bytes: Buffer) => tagged(0x02, bytes);
const octets = (content: Buffer) => tagged(0x04, content);
const oid = (...bytes: number[]) => tagged(0x06, Buffer.from(bytes));
const sequence = (...parts: Buffer[]) => tagged(0x30, ...parts);
const ECDSA_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

/** A name that is a common name only. */
function named(name: string): Buffer {
  return sequence(tagged(0x31, sequence(oid(0x55, 0x04, 0x03), tagged(0x0c, Buffer.from(name)))));
}

/** UTCTime: YYMMDDHHMMSSZ. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\..*/g, '');
  return tagged(0x17, Buffer.from(`${digits.slice(2)}Z`));
}
