import { LOG_FOLDER } from './part-process.js';
import type { Urls } from './plan.js';

/** Lines to copy into another terminal, each with what it shows. */
export function tryLines(urls: Urls): { what: string; line: string }[] {
  const json = `-H 'content-type: application/json'`;
  const port = new URL(urls.matchmaker).port;
  const elsewhere = port === '8080' ? '' : `MATCHMAKER_URL=${urls.matchmaker} `;
  return [
    {
      what: 'find a match: a streaming host of the region, and where to meet it',
      line: `curl -sw '\\n' ${urls.matchmaker}/api/match/find ${json} -d '{"region":"eu-west"}'`,
    },
    {
      what: 'create a room on a game server, and keep its id',
      line: `ROOM=$(curl -s ${urls.gateway}/api/rooms ${json} -d '{"maxPlayers":4}' | sed 's/.*"roomId":"\\([^"]*\\)".*/\\1/'); echo $ROOM`,
    },
    { what: 'join it', line: `curl -sw '\\n' -X POST ${urls.gateway}/api/rooms/$ROOM/join` },
    {
      what: 'watch a client find a host and get 100 messages echoed over WebRTC',
      line: `${elsewhere}REGION=local node examples/dist/streaming-client.js`,
    },
  ];
}

/** What is printed once everything is up. */
export function welcome(urls: Urls, redisUrl: string | undefined, seconds: string): string {
  const rows = [
    ['demo', `${urls.gateway}/demo`, 'host a game in one window, play it in another'],
    ['matchmaker', urls.matchmaker, 'hosts heartbeat, clients find a match'],
    ['gateway', urls.gateway, 'clients create and join rooms'],
    ['signaling', urls.signaling, 'WebRTC offers, answers and candidates'],
    ['signaling', urls.signaling2, 'a second instance of it'],
    ...(redisUrl === undefined ? [] : [['Redis', withoutPassword(redisUrl), 'all that they share']]),
    ['hosts', 'streaming-1 (local), streaming-2 (eu-west), game-1 (eu-west)', ''],
    ['logs', `${LOG_FOLDER}/*.log`, ''],
  ];
  // The names of the hosts have nothing beside them.
  const width = Math.max(...rows.map(([, where = '', what]) => (what ? where.length : 0))) + 2;
  const table = rows.map(([name = '', where = '', what = '']) =>
    `  ${name.padEnd(12)}${where.padEnd(width)}${what}`.trimEnd(),
  );
  const lines = tryLines(urls).flatMap(({ what, line }) => [`  # ${what}`, `  ${line}`, '']);
  return [
    '',
    `Parley is up after ${seconds} s. Ctrl-C stops everything.`,
    '',
    ...table,
    '',
    'Try it from another terminal, in this folder:',
    '',
    ...lines,
  ].join('\n');
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password) shown.password = '***';
  return shown.href;
}
