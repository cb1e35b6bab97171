// Imported before the tests that are to run on a Redis Cluster.
process.env['POOL_TESTS_ON'] = 'cluster';
