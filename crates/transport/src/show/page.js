'use strict';
// Draws one frame after the other; everything that it needs stands in this page.
const data = JSON.parse(document.getElementById('data').textContent);
const place = document.getElementById('symbol');
const state = document.getElementById('state');
let picture = place.firstElementChild;
let at = 0;
let fps = data.fps;
let paused = false;
let due = 0;

// Modules of the frame a side, with the light margin.
const side = () => data.frames[at].size + 2 * data.quiet;

// Each module a whole number of the screen's own pixels. A test page has frames that take a part of the room.
function fit() {
  const dots = window.devicePixelRatio || 1;
  const room = Math.min(place.clientWidth, place.clientHeight) * dots * (data.frames[at].part || 1);
  const length = Math.max(1, Math.floor(room / side())) * side() / dots + 'px';
  picture.style.width = length;
  picture.style.height = length;
}

function draw() {
  const { size, modules } = data.frames[at];
  const bytes = atob(modules);
  const image = new ImageData(side(), side());
  image.data.fill(255);
  for (let n = 0; n < size * size; n++) {
    if (bytes.charCodeAt(n >> 3) >> (7 - n % 8) & 1) {
      const x = data.quiet + n % size;
      const y = data.quiet + Math.floor(n / size);
      image.data.fill(0, 4 * (y * side() + x), 4 * (y * side() + x) + 3);
    }
  }
  if (picture.width !== side() || data.frames[at].part) {
    picture.width = side();
    picture.height = side();
    fit();
  }
  picture.getContext('2d').putImageData(image, 0, 0);
  say();
}

function say() {
  const text = paused ? data.paused : data.running;
  state.textContent = text.replace('{at}', at + 1).replace('{fps}', fps).replace('{name}', data.frames[at].name || '');
}

function step(by) {
  at = (at + by + data.frames.length) % data.frames.length;
  draw();
}

function tick(now) {
  if (!paused && now >= due) {
    due = Math.max(due + 1000 / fps, now);
    step(1);
  }
  window.requestAnimationFrame(tick);
}

const actions = {
  pause() { paused = !paused; say(); },
  slower() { fps = Math.max(1, fps - 1); say(); },
  faster() { fps = Math.min(30, fps + 1); say(); },
  back() { paused = true; step(-1); },
  next() { paused = true; step(1); },
  full() { document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen(); },
};
const keys = { ' ': 'pause', '+': 'faster', '=': 'faster', '-': 'slower', 'ArrowLeft': 'back', 'ArrowRight': 'next', 'f': 'full' };
const animated = data.frames.length > 1;

function act(name) {
  if (actions[name] && (animated || name === 'full')) {
    actions[name]();
  }
}

document.addEventListener('keydown', event => {
  if (keys[event.key] && !event.ctrlKey && !event.altKey && !event.metaKey) {
    event.preventDefault();
    act(keys[event.key]);
  }
});
for (const button of document.querySelectorAll('button')) {
  button.hidden = false;
  button.addEventListener('click', () => { act(button.name); button.blur(); });
}
if (animated) {
  const canvas = document.createElement('canvas');
  canvas.width = side();
  canvas.height = side();
  picture.replaceWith(canvas);
  picture = canvas;
  draw();
  window.requestAnimationFrame(tick);
}
window.addEventListener('resize', fit);
fit();
