import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { read, ROOT } from './support/root.js';
import { defaultPort, PROBES, SERVICES } from './support/services.js';

const DOCKERFILE = read('Dockerfile');

describe('the image', () => {
  it('has a stage for every service, and for nothing else', () => {
    const stages = [...DOCKERFILE.matchAll(/^FROM runtime AS (\S+)/gm)].map(([, name]) => name);
    expect(stages.toSorted()).toEqual(readdirSync(`${ROOT}/apps`).toSorted());
    expect(stages.toSorted()).toEqual(SERVICES.toSorted());
  });

  it.each(SERVICES)('listens where %s does by default', (service) => {
    const port = new RegExp(`^FROM runtime AS ${service}\\n(?:#.*\\n)*ENV PORT=(\\d+)`, 'm').exec(
      DOCKERFILE,
    )?.[1];
    expect(Number(port)).toBe(defaultPort(service));
  });

  it('asks for a probe that there is', () => {
    const path = /^HEALTHCHECK .*"healthcheck\.js", "([^"]+)"\]$/m.exec(DOCKERFILE)?.[1];
    expect(PROBES).toContain(path);
  });

  it('runs as a number that is not root', () => {
    expect(/^USER (\d+):(\d+)$/m.exec(DOCKERFILE)?.slice(1).map(Number)).toEqual([1000, 1000]);
  });
});
