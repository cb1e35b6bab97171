import { gatewaySettings } from '@parley/config';
import { runService } from '@parley/runtime';
import { createGateway } from './gateway.js';

await runService('gateway', gatewaySettings, createGateway);
