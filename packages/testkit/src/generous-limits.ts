/**
 * Settings of signaling for tests that are not about its limits: all of a file come from one address, in bursts, and what
 * one test uses up the next one would be refused, in any ten seconds.
 */
export const generousLimits: Readonly<Record<string, string>> = {
  RATE_LIMIT_CONN_PER_10S: '1000000',
  RATE_LIMIT_MESSAGES_PER_10S: '1000000',
  RATE_LIMIT_IP_MSGS_PER_10S: '1000000',
  RATE_LIMIT_ROOM_MSGS_PER_10S: '1000000',
};
