// The pool's other tests again, on a Redis Cluster of three masters.
process.env['POOL_TESTS_ON'] = 'cluster';
await import('./pool-allocate.test.js');
await import('./pool-expiry.test.js');
await import('./pool-hosts.test.js');
await import('./pool-presence.test.js');
await import('./pool-reaper.test.js');
await import('./pool-strategy.test.js');

export {};
