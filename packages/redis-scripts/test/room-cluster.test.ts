// The life of rooms again, on a Redis Cluster of three masters: a room, its host and the pool are on different slots.
import './pool-on-cluster.js';
import './room-life.test.js';
import './room-streaming.test.js';
import './overview.test.js';
import './room-edges.test.js';
import './room-goodbye.test.js';
import './room-in-signaling.test.js';
import './room-lost.test.js';
import './room-returning.test.js';
import './room-slot.test.js';
