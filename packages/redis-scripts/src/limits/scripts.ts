import { defineScript } from '../script/define.js';

export const drawScript = defineScript('limit-draw', {
  keys: ['grants'],
  argv: [
    'want',
    'limit',
    'windowMs',
    'lifeMs',
    'bucketMs',
    'backBucket',
    'back',
    'quietMs',
    'longerMs',
    'instance',
  ],
  shared: ['limit'],
});
