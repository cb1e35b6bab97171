// Rooms that their hosts do not open again, on a Redis Cluster of three masters.
import './pool-on-cluster.js';
import './room-unopened.test.js';
