// The pool's other tests again, on a Redis Cluster of three masters.
import './pool-on-cluster.js';
import './pool-absence.test.js';
import './pool-allocate.test.js';
import './pool-concurrency.test.js';
import './pool-crash.test.js';
import './pool-expiry.test.js';
import './pool-hopping.test.js';
import './pool-hosts.test.js';
import './pool-moving.test.js';
import './pool-never-seen.test.js';
import './pool-presence.test.js';
import './pool-property.test.js';
import './pool-reaper.test.js';
import './pool-strategy.test.js';
import './provision-store.test.js';
