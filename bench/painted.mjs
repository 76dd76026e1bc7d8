/**
 * How long the inventory takes until its rows are painted, in a browser, against a served console. By hand:
 *
 *   ./mvne-desk serve --workspace DIR --console 127.0.0.1:8080 &   ./mvne-desk lab fill --profiles 1000000 --workspace DIR
 *   node bench/painted.mjs 'http://127.0.0.1:8080/?token=…' [rounds]
 *
 * Times run from the input event to the frame after the one in which the rows stand. Prints p50 and p95 in milliseconds and the
 * memory of the page after a long scroll.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright';

const [url, asked = '15'] = process.argv.slice(2);
if (url === undefined) throw new Error('usage: node bench/painted.mjs <address of the console with its token> [rounds]');
const rounds = Number(asked);
const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--headless=new', '--disable-gpu', '--enable-precise-memory-info'] });
const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })).newPage();
await page.goto(url);
await page.waitForSelector('h1');

await page.evaluate(() => {
  window.painted = {
    began: 0,
    arm() { const go = (e) => { this.began = e.timeStamp; }; addEventListener('keydown', go, { capture: true, once: true }); addEventListener('pointerdown', go, { capture: true, once: true }); },
    start() { this.began = performance.now(); },
    grid: () => document.querySelector('[role=grid]'),
    key() { return this.grid()?.dataset.list ?? ''; },
    full() { const g = this.grid(); return g !== null && g.querySelector('.row:not(.waiting):not(.waiting-text)') !== null && g.querySelector('.row.waiting') === null; },
    until(test) {
      return new Promise((done) => {
        const look = () => (test() ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - this.began), 0)) : requestAnimationFrame(look));
        requestAnimationFrame(look);
      });
    },
  };
});

/** Another list, and nothing on its way any more. */
const go = async (hash) => {
  const before = await page.evaluate(() => window.painted.key());
  const here = await page.evaluate(() => location.hash.slice(1));
  await page.evaluate((to) => { location.hash = to; }, hash);
  await page.waitForFunction(([key, same]) => (same || window.painted.key() !== key) && (window.painted.full() || /Nothing fits|No profiles yet/.test(document.querySelector('#main')?.textContent ?? '')), [before, here === hash], { timeout: 60_000 });
  await page.waitForTimeout(150);
};
const session = await browser.newBrowserCDPSession();
const renderers = async () => (await session.send('SystemInfo.getProcessInfo')).processInfo.filter((p) => p.type === 'renderer').map((p) => p.id);
/** Processor time of the page's processes so far, milliseconds: says what a busy machine hides. */
const worked = async () => {
  let ms = 0;
  for (const pid of await renderers()) for (const task of readdirSync(`/proc/${pid}/task`)) ms += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  return ms;
};
const report = (name, times, work) => {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  console.log(`${name.padEnd(58)} p50 ${at(0.5).toFixed(0).padStart(5)} ms   p95 ${at(0.95).toFixed(0).padStart(5)} ms   ${work === undefined ? '' : `processor ${work.toFixed(0).padStart(4)} ms   `}(${sorted.length})`);
};
/** From a change of the address to another list painted. */
const byAddress = (hash) => page.evaluate((to) => {
  const before = window.painted.key();
  window.painted.start();
  location.hash = to;
  return window.painted.until(() => (window.painted.key() !== before && window.painted.full()) || /Nothing fits/.test(document.querySelector('#main')?.textContent ?? ''));
}, hash);

await go('/inventory');
console.log(`${await page.evaluate(() => document.querySelector('#main')?.textContent?.match(/[\d,]+ profiles/)?.[0] ?? '')}, ${rounds} rounds\n`);

const first = [];
for (let i = 0; i < rounds; i++) {
  await go('/inventory?stock=sellable');
  const clear = page.getByRole('button', { name: 'Remove filter Stock' });
  await clear.waitFor();
  await page.evaluate(() => window.painted.arm());
  const before = await page.evaluate(() => window.painted.key());
  const done = page.evaluate((key) => window.painted.until(() => window.painted.began > 0 && window.painted.key() !== key && window.painted.full()), before);
  await page.evaluate(() => { window.painted.began = 0; });
  await clear.click();
  first.push(await done);
}
report('first page, all profiles (click on a chip’s ×)', first);

const next = [];
await go('/inventory');
await page.getByRole('grid').focus();
for (let i = 0; i < rounds * 2; i++) {
  await page.waitForTimeout(60);
  await page.evaluate(() => { window.painted.began = 0; window.painted.arm(); });
  const done = page.evaluate(() => {
    const height = () => document.querySelector('[role=grid] .rows')?.clientHeight ?? 0;
    const before = height();
    return window.painted.until(() => window.painted.began > 0 && height() > before && window.painted.full());
  });
  await page.keyboard.press('End');
  next.push(await done);
}
report('next page (End, until the rows after it are there)', next);

const ops = [
  ['stock is sellable', 'stock=sellable'], ['stock is not sold', 'where=stock:isNot:sold'], ['order is installed', 'order=installed'], ['order in two states', 'order=released,error'], ['device is enabled', 'device=enabled'],
  ['network is active', 'network=active'], ['secrets are sealed', 'where=secrets:is:sealed'], ['type', 'type=Lab%20consumer'], ['ICCID begins', 'where=iccid:begins:89882119900005'], ['ICCID ends', 'where=iccid:ends:4321'],
  ['ICCID between', 'where=iccid:between:8988211990000500000,8988211990000600000'], ['IMSI begins', 'where=imsi:begins:001019000400'], ['MSISDN ends', 'where=msisdn:ends:777'], ['EID is set', 'where=eid:present'],
  ['in stock since, 7 days', 'where=created:between:-7d,'], ['last event, 24 hours', 'where=lastEvent:between:-24h,'], ['held within 2 days', 'where=held:between:now,%2B2d'], ['prepared, 30 days', 'where=prepared:between:-30d,'], ['delivered is set', 'where=delivered:present'],
  ['label is set', 'where=label:present'], ['notes', 'where=note:present'], ['batch is set', 'where=batch:present'], ['attempts from 1', 'where=attempts:between:1,'], ['three chips', 'stock=sold&order=installed&where=iccid:ends:7'],
  ['sorted by ICCID', 'sort=iccid'], ['sorted by stock, last event', 'sort=stock,-lastEvent'], ['the other end', 'sort=created'],
];
for (const [name, address] of ops) {
  const times = [];
  let work = 0;
  for (let i = 0; i < rounds; i++) {
    await go(i % 2 === 0 ? '/inventory?sort=-iccid' : '/inventory?sort=-imsi');
    const before = await worked();
    times.push(await byAddress(`/inventory?${address}`));
    work += (await worked()) - before;
  }
  report(name, times, work / rounds);
}

for (const [name, pick] of [['text, beginning of a number (from its last key)', (iccid) => iccid.slice(0, 15)], ['text, end of a number (from its last key)', (iccid) => iccid.slice(-5)]]) {
  const times = [];
  for (let i = 0; i < rounds; i++) {
    await go('/inventory?sort=-iccid');
    const iccid = `89882119900${String(100_000 + ((i * 7_919) % 800_000)).padStart(7, '0')}4`;
    const text = pick(iccid);
    await page.keyboard.press('/');
    await page.keyboard.insertText(text.slice(0, -1));
    await page.evaluate(() => { window.painted.began = 0; window.painted.arm(); });
    const before = await page.evaluate(() => window.painted.key());
    const done = page.evaluate((key) => window.painted.until(() => window.painted.began > 0 && ((window.painted.key() !== key && window.painted.full()) || /Nothing fits/.test(document.querySelector('#main')?.textContent ?? ''))), before);
    await page.keyboard.press(text.slice(-1));
    times.push(await done);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.waitForTimeout(350);
  }
  report(`${name}, 220 ms of it a pause`, times);
}

// Memory: of the page itself, and of its process as the system counts it.
const shareMb = (pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? Number.NaN) / 1024;
const memory = async (name) => {
  const heap = await page.evaluate(() => performance.memory.usedJSHeapSize / 1_048_576);
  console.log(`${name.padEnd(58)} heap ${heap.toFixed(0)} MB, share of memory ${(await renderers()).map((pid) => shareMb(pid).toFixed(0)).join(' + ')} MB`);
};
await go('/inventory');
await memory('\nmemory at the first page');
await page.getByRole('grid').focus();
for (let i = 0; i < 400; i++) {
  await page.keyboard.press('End');
  await page.waitForTimeout(25);
}
const reached = await page.evaluate(() => Number(document.querySelector('[role=grid] .row.active')?.getAttribute('aria-rowindex') ?? 0));
await memory(`memory after scrolling to row ${reached}`);
await browser.close();
