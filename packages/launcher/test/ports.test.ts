import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { refuseTakenPorts } from '../bin/bootstrap/ports.js';

const FREE = {
  MATCHMAKER_PORT: '21201',
  GATEWAY_PORT: '21202',
  SIGNALING_PORT: '21203',
  SIGNALING_2_PORT: '21204',
};

it('each variable moves its port', async () => {
  expect(await refuseTakenPorts(FREE)).toEqual({
    matchmaker: 21_201,
    gateway: 21_202,
    signaling: 21_203,
    signaling2: 21_204,
  });
});

it('a port that is taken is named, with its variable, also where the other listens on all interfaces', async () => {
  const other = createServer().listen(0);
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(refuseTakenPorts({ ...FREE, SIGNALING_2_PORT: String(port) })).rejects.toThrow(
    `${port}, for the second signaling instance: set SIGNALING_2_PORT to another port`,
  );
  other.close();
});

it('two parts cannot have one port', async () => {
  await expect(refuseTakenPorts({ ...FREE, GATEWAY_PORT: FREE.MATCHMAKER_PORT })).rejects.toThrow(
    "21201, for the gateway, is also the matchmaker's: set GATEWAY_PORT to another port",
  );
});

it('what is no port is refused by name', async () => {
  await expect(refuseTakenPorts({ ...FREE, GATEWAY_PORT: 'http' })).rejects.toThrow(
    'GATEWAY_PORT: expected a port',
  );
});
