// A small game for two ships: collect stars, mind the rocks. It knows nothing of networks.

const WIDTH = 640;
const HEIGHT = 360;
const STEP_MS = 1000 / 30;
const COLOURS = { host: '#7aa2ff', player: '#ffb066' };
const STARS = 5;
const ROCKS = 4;
const SHIP_RADIUS = 11;
const HARMLESS_MS = 2_000;

const random = (from, to) => from + Math.random() * (to - from);
const wrap = (value, size) => ((value % size) + size) % size;
const isNear = (a, b, distance) => Math.hypot(a.x - b.x, a.y - b.y) < distance;

export class Game {
  #context;
  #ships = new Map();
  #stars = Array.from({ length: STARS }, () => place());
  #rocks = Array.from({ length: ROCKS }, (_, index) => rock(index));
  #sparks = [];
  #sky = Array.from({ length: 70 }, () => ({ ...place(0), size: random(0.4, 1.6), depth: random(0.1, 0.5) }));
  #ticker = new Worker(new URL('ticker.js', import.meta.url));
  #isCalm = matchMedia('(prefers-reduced-motion: reduce)');

  /** @param {HTMLCanvasElement} canvas that it draws on from now on, 30 times a second */
  constructor(canvas) {
    this.#context = canvas.getContext('2d', { alpha: false });
    this.#ticker.addEventListener('message', () => this.#step());
    this.#ticker.postMessage(STEP_MS, []);
  }

  /** @param {'host' | 'player'} name */
  enter(name) {
    const x = name === 'host' ? WIDTH / 3 : (2 * WIDTH) / 3;
    this.#ships.set(name, {
      x,
      y: HEIGHT / 2,
      vx: 0,
      vy: 0,
      angle: -Math.PI / 2,
      keys: [],
      score: 0,
      harmlessMs: HARMLESS_MS,
    });
  }

  leave(name) {
    this.#ships.delete(name);
  }

  /** @param {readonly string[]} keys of `STEERING` that are down */
  steer(name, keys) {
    const ship = this.#ships.get(name);
    if (ship) ship.keys = keys;
  }

  end() {
    this.#ticker.terminate();
  }

  #step() {
    for (const [name, ship] of this.#ships) this.#move(name, ship);
    for (const each of this.#rocks) {
      each.x = wrap(each.x + each.vx, WIDTH);
      each.y = wrap(each.y + each.vy, HEIGHT);
      each.angle += each.spin;
    }
    for (const spark of this.#sparks) {
      spark.x += spark.vx;
      spark.y += spark.vy;
      spark.life -= 1;
    }
    this.#sparks = this.#sparks.filter(({ life }) => life > 0);
    this.#draw();
  }

  #move(name, ship) {
    const { keys } = ship;
    const has = (key) => keys.includes(key);
    if (has('left')) ship.angle -= 0.11;
    if (has('right')) ship.angle += 0.11;
    const drag = has('down') ? 0.9 : 0.985;
    const thrust = has('up') ? 0.22 : 0;
    ship.vx = ship.vx * drag + Math.cos(ship.angle) * thrust;
    ship.vy = ship.vy * drag + Math.sin(ship.angle) * thrust;
    ship.x = wrap(ship.x + ship.vx, WIDTH);
    ship.y = wrap(ship.y + ship.vy, HEIGHT);
    ship.harmlessMs = Math.max(0, ship.harmlessMs - STEP_MS);
    if (thrust > 0) this.#burst(ship, 1, COLOURS[name], ship.angle + Math.PI);
    this.#meet(name, ship);
  }

  #meet(name, ship) {
    for (const star of this.#stars) {
      if (!isNear(ship, star, SHIP_RADIUS + 8)) continue;
      ship.score += 1;
      this.#burst(star, 14, '#ffe58a');
      Object.assign(star, place());
    }
    if (ship.harmlessMs > 0 || !this.#rocks.some((each) => isNear(ship, each, SHIP_RADIUS + each.radius - 3)))
      return;
    this.#burst(ship, 26, COLOURS[name]);
    ship.score = Math.max(0, ship.score - 1);
    Object.assign(ship, { vx: -ship.vx, vy: -ship.vy, harmlessMs: HARMLESS_MS });
  }

  #burst({ x, y }, count, colour, angle) {
    if (this.#isCalm.matches) return;
    for (let i = 0; i < count; i++) {
      const direction = angle === undefined ? random(0, 2 * Math.PI) : angle + random(-0.35, 0.35);
      const speed = random(1, 3.5);
      const [vx, vy] = [Math.cos(direction) * speed, Math.sin(direction) * speed];
      this.#sparks.push({ x: x + vx * 3, y: y + vy * 3, vx, vy, colour, life: random(8, 18) });
    }
  }

  #draw() {
    const context = this.#context;
    context.fillStyle = '#0b0e1a';
    context.fillRect(0, 0, WIDTH, HEIGHT);
    const drift = this.#isCalm.matches ? 0 : 1;
    context.fillStyle = '#c9d4ff';
    for (const point of this.#sky) {
      point.x = wrap(point.x - point.depth * drift, WIDTH);
      context.globalAlpha = point.depth + 0.25;
      context.fillRect(point.x, point.y, point.size, point.size);
    }
    context.globalAlpha = 1;
    for (const star of this.#stars) drawStar(context, star);
    for (const each of this.#rocks) drawRock(context, each);
    for (const { x, y, colour, life } of this.#sparks) {
      context.globalAlpha = Math.min(1, life / 12);
      context.fillStyle = colour;
      context.fillRect(x - 1, y - 1, 2.5, 2.5);
    }
    context.globalAlpha = 1;
    for (const [name, ship] of this.#ships) drawShip(context, ship, COLOURS[name]);
    this.#drawScores();
  }

  #drawScores() {
    const context = this.#context;
    context.font = '600 20px system-ui, sans-serif';
    for (const [name, { score }] of this.#ships) {
      context.fillStyle = COLOURS[name];
      context.textAlign = name === 'host' ? 'left' : 'right';
      context.fillText(`★ ${score}`, name === 'host' ? 18 : WIDTH - 18, 32);
    }
  }
}

function place(margin = 30) {
  return { x: random(margin, WIDTH - margin), y: random(margin, HEIGHT - margin) };
}

function rock(index) {
  const radius = random(14, 26);
  const corners = Array.from({ length: 9 }, () => random(0.78, 1.08));
  const [vx, vy] = [random(-0.9, 0.9), random(-0.7, 0.7)];
  const edge = index % 2 ? { x: 0, y: random(0, HEIGHT) } : { x: random(0, WIDTH), y: 0 };
  return { ...edge, vx, vy, radius, corners, angle: 0, spin: random(-0.02, 0.02) };
}

function drawStar(context, { x, y }) {
  context.beginPath();
  for (let i = 0; i < 10; i++) {
    const radius = i % 2 ? 3.6 : 8.5;
    const angle = (i * Math.PI) / 5 - Math.PI / 2;
    context.lineTo(x + Math.cos(angle) * radius, y + Math.sin(angle) * radius);
  }
  context.closePath();
  context.fillStyle = '#ffe58a';
  context.fill();
}

function drawRock(context, { x, y, radius, corners, angle }) {
  context.beginPath();
  corners.forEach((size, i) => {
    const at = angle + (i * 2 * Math.PI) / corners.length;
    context.lineTo(x + Math.cos(at) * radius * size, y + Math.sin(at) * radius * size);
  });
  context.closePath();
  context.fillStyle = '#262d42';
  context.strokeStyle = '#56617f';
  context.lineWidth = 2;
  context.fill();
  context.stroke();
}

function drawShip(context, { x, y, angle, harmlessMs, keys }, colour) {
  context.save();
  context.translate(x, y);
  context.rotate(angle);
  // A ship that was hit, or has just come, cannot be hit for a moment.
  context.globalAlpha = harmlessMs > 0 ? 0.55 : 1;
  if (keys.includes('up')) {
    context.fillStyle = '#ffd27a';
    context.beginPath();
    context.moveTo(-8, -4);
    context.lineTo(-17, 0);
    context.lineTo(-8, 4);
    context.fill();
  }
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(14, 0);
  context.lineTo(-9, -9);
  context.lineTo(-5, 0);
  context.lineTo(-9, 9);
  context.closePath();
  context.fill();
  context.restore();
}
