// Beats in a worker: the clock of a page that is not in front would slow down, and with it the game for whoever plays it.
let timer;
self.addEventListener('message', ({ data: everyMs }) => {
  clearInterval(timer);
  timer = everyMs ? setInterval(() => self.postMessage(0, []), everyMs) : undefined;
});
