// Migrations again, on a Redis Cluster of three masters: a room, its hosts and the pool are on different slots.
import './pool-on-cluster.js';
import './room-migrations.test.js';
