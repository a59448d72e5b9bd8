// The page in a browser: every control is used, at the width of a telephone and of a screen. `cargo test` calls this with
// the pages in CGAN_PAGES (paths, by a line each) and the browser in CGAN_BROWSER. CGAN_SAMPLED has, by a line each, a page
// and behind a tab the array that `cgan sample RUN` wrote of its run.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';

const pages = (process.env.CGAN_PAGES ?? '').split('\n').filter(Boolean);
const skip = pages.length === 0 && 'no pages: cargo test makes them';

let browser;
before(async () => {
  if (skip) return;
  const { default: puppeteer } = await import('puppeteer-core');
  // Pages of the project's own, opened by root in a container: the sandbox is not there.
  const args = ['--no-sandbox', '--disable-dev-shm-usage'];
  browser = await puppeteer.launch({ executablePath: process.env.CGAN_BROWSER, args });
});
after(() => browser?.close());

/** Opens a page; `faults` collects what must not happen. */
async function opened(path, width, scheme = 'light') {
  const page = await browser.newPage();
  const faults = [];
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) faults.push(`request: ${request.url()}`);
  });
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(pathToFileURL(path).href);
  return { page, faults };
}

/** Uses every control that can be seen: buttons, lists, sliders, boxes. */
async function useAll(page) {
  let used = 0;
  for (const control of await page.$$('main button, main select, main input, main summary')) {
    if (!(await control.isVisible())) continue;
    used += 1;
    const [tag, type] = await control.evaluate((element) => [element.tagName, element.type]);
    if (tag === 'SELECT') {
      const values = await control.evaluate((element) => [...element.options].map((option) => option.value));
      for (const value of [...values, values[0]]) await control.select(value);
    } else if (type === 'range') {
      await control.focus();
      for (const key of ['End', 'ArrowLeft', 'Home', 'ArrowRight', 'PageUp']) await page.keyboard.press(key);
    } else if (type === 'number' || type === 'text') {
      await control.focus();
      await page.keyboard.press('ArrowUp');
    } else {
      await control.click();
    }
  }
  return used;
}

/** Names of controls that a screen reader would not find. */
async function nameless(page) {
  const found = [];
  const visit = (node) => {
    const roles = ['button', 'slider', 'combobox', 'checkbox', 'spinbutton', 'textbox', 'img', 'image'];
    if (roles.includes(node.role) && !node.name) found.push(node.role);
    (node.children ?? []).forEach(visit);
  };
  visit(await page.accessibility.snapshot());
  return found;
}

/** How far the page is wider than the window. */
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** Attributes with a number that is none. */
const notANumber = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('main svg *')]
      .filter((element) => [...element.attributes].some(({ value }) => /NaN|Infinity|undefined/.test(value)))
      .map((element) => element.outerHTML.slice(0, 200)),
  );

for (const path of pages) {
  for (const [width, scheme] of [[390, 'light'], [1280, 'dark']]) {
    test(`${path} at ${width} pixels, ${scheme}`, async () => {
      const { page, faults } = await opened(path, width, scheme);
      assert.ok((await overflow(page)) <= 0, `${await overflow(page)} pixels too wide`);
      assert.deepEqual(await nameless(page), []);
      const used = await useAll(page);
      assert.ok(used > 0, 'there are controls');
      assert.ok((await overflow(page)) <= 0, 'not too wide after use');
      assert.deepEqual(await notANumber(page), []);
      assert.deepEqual(faults, []);
      await page.close();
    });
  }

  test(`${path}: a curve shows values, zooms, and moves the samples`, async (context) => {
    const { page, faults } = await opened(path, 1280);
    const area = await page.$('#curves .area');
    if (!area) return context.skip('no curves');
    const text = (selector) => page.$eval(selector, (element) => element.textContent);
    await area.scrollIntoView();
    const box = await area.boundingBox();
    const at = (share) => [box.x + share * box.width, box.y + box.height / 3];

    await page.mouse.move(...at(0.5));
    assert.match(await text('#curves .readout'), /^(epoch|step) .*: .*\d/);
    await area.evaluate((element) => element.focus());
    const before = await text('#curves .readout');
    await page.keyboard.press('PageDown');
    assert.notEqual(await text('#curves .readout'), before);

    const ticks = () => page.$$eval('#curves .area > text', (all) => all.map((one) => one.textContent).join());
    const whole = await ticks();
    await page.mouse.move(...at(0.2));
    await page.mouse.down();
    await page.mouse.move(...at(0.4), { steps: 3 });
    await page.mouse.up();
    assert.notEqual(await ticks(), whole);
    await page.click('#curves [name=whole]');
    assert.equal(await ticks(), whole);

    if (await page.$('#samples .controls:not([hidden])')) {
      const shown = () => text('#samples output');
      await page.mouse.click(...at(0.01));
      const first = await shown();
      await page.mouse.click(...at(0.999));
      assert.notEqual(await shown(), first);
    }
    assert.deepEqual(faults, []);
    await page.close();
  });

  test(`${path}: the game steps, plays, and says what it shows`, async (context) => {
    const { page, faults } = await opened(path, 1280);
    if (!(await page.$('#game'))) return context.skip('no game');
    const said = () => page.$eval('#game-said', (element) => element.textContent);
    const frame = () => page.$eval('.game-frame', (element) => Number(element.value));
    const pixels = () => page.$eval('.game-plane', (canvas) => canvas.toDataURL());
    const last = await page.$eval('.game-frame', (element) => Number(element.max));

    assert.match(await said(), /^Update 0 of/);
    await new Promise((done) => setTimeout(done, 500));
    assert.equal(await frame(), 0, 'nothing moves unasked');
    const first = await pixels();
    await page.click('.game-next');
    assert.deepEqual([await frame(), first !== (await pixels())], [1, true]);
    await page.click('.game-back');
    await page.click('.game-back');
    assert.deepEqual([await frame(), first === (await pixels())], [0, true]);
    await page.select('.game-label', '3');
    assert.match(await said(), /y = 3/);
    assert.notEqual(await pixels(), first);
    await page.focus('.game-frame');
    await page.keyboard.press('End');
    assert.equal(await frame(), last);

    // From the end it begins again; it stops when told to.
    await page.select('.game-speed', '8');
    await page.click('.game-play');
    await page.waitForFunction(() => Number(document.querySelector('.game-frame').value) === 2);
    assert.equal(await page.$eval('#game-said', (element) => element.getAttribute('aria-live')), 'off');
    await page.click('.game-play');
    const stopped = await frame();
    await new Promise((done) => setTimeout(done, 400));
    assert.deepEqual([await frame(), last > stopped], [stopped, true]);
    assert.equal(await page.$eval('#game-said', (element) => element.getAttribute('aria-live')), 'polite');

    // The curves of the training that is chosen are shown, and a click on them moves the frame.
    await page.select('.game-training', '2');
    assert.match(await said(), /does not know y/);
    assert.equal((await page.$$('.game-plots:not([hidden])')).length, 1);
    const area = await page.$('.game-plots:not([hidden]) .area');
    await area.scrollIntoView();
    const box = await area.boundingBox();
    await page.mouse.click(box.x + 0.99 * box.width, box.y + 50);
    assert.equal(await frame(), last);
    await page.hover('.game-plane');
    assert.match(await page.$eval('.game-point', (element) => element.textContent), /^D = \d\.\d\d at/);
    // On paper there is the still picture.
    await page.emulateMediaType('print');
    assert.deepEqual(
      await Promise.all(['.game-still', '.game-live'].map(async (name) => (await page.$(name)).isVisible())),
      [true, false],
    );
    assert.deepEqual(faults, []);
    await page.close();
  });

  test(`${path}: the explorer draws as its controls say, and a link brings it back`, async (context) => {
    const { page, faults } = await opened(path, 1280);
    if (!(await page.$('.explorer-shown'))) return context.skip('no explorer of images');
    const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const shown = async (page) => {
      await settled(page);
      return page.$eval('.explorer-shown canvas', (canvas) => canvas.toDataURL());
    };
    const grid = async () => {
      await page.waitForSelector('.explorer-grid[aria-busy="false"]');
      return page.$eval('.explorer-grid canvas', (canvas) => canvas.toDataURL());
    };
    const firstGrid = await grid();
    const first = await shown(page);
    let before = first;
    const differs = async (what) => {
      const now = await shown(page);
      assert.notEqual(now, before, what);
      before = now;
    };
    const press = async (name, key, times) => {
      await page.focus(`[name="${name}"]`);
      for (let i = 0; i < times; i++) await page.keyboard.press(key);
    };
    if (await page.$('.explorer [name="class"]')) {
      await page.select('.explorer [name="class"]', '1');
      await differs('class');
      await page.select('.explorer [name="with"]', '0');
      await press('share', 'ArrowRight', 40);
      await differs('blend');
    }
    await press('walk', 'ArrowRight', 30);
    await differs('walk');
    await page.focus('.explorer-pad');
    await page.keyboard.press('ArrowUp');
    await differs('arrow keys');
    const pad = await (await page.$('.explorer-pad')).boundingBox();
    await page.mouse.move(pad.x + 20, pad.y + 30);
    await page.mouse.down();
    await page.mouse.move(pad.x + pad.width - 20, pad.y + 40, { steps: 3 });
    await page.mouse.up();
    await differs('pointer');
    for (const name of ['new-end', 'new-directions', 'new-masks']) {
      if (await page.$(`[name="${name}"]`)) await page.click(`[name="${name}"]`);
    }
    await page.waitForFunction(() => location.hash.includes('directions='));
    // Before another page is in front: a page behind it has no frames.
    before = await shown(page);
    const link = await page.evaluate(() => location.href);
    const again = await browser.newPage();
    await again.setViewport({ width: 390, height: 900 });
    await again.goto(link);
    await again.waitForSelector('.explorer-grid[aria-busy="false"]');
    assert.equal(await shown(again), before, 'a link brings the picture back');
    await again.close();
    await page.bringToFront();

    await page.click('[name="fresh-samples"]');
    assert.notEqual(await grid(), firstGrid);
    await page.click('[name="first-samples"]');
    assert.equal(await grid(), firstGrid);
    // The first sample of the grid is the one that is shown at the beginning.
    await page.focus('.explorer-grid');
    await page.keyboard.press('Enter');
    assert.equal(await shown(page), first);
    await page.click('[name="new-z"]');
    await page.click('[name="start-again"]');
    assert.equal(await shown(page), first);
    await page.waitForFunction(() => location.hash === '#explorer');
    assert.deepEqual(faults, []);
    await page.close();
  });

  test(`${path}: the explorer chooses words, and a link brings them back`, async (context) => {
    const { page, faults } = await opened(path, 1280);
    if (!(await page.$('.explorer-words'))) return context.skip('no explorer of words');
    const ready = (page) => page.waitForSelector('.explorer-words[aria-busy="false"]');
    const shown = async (page) => {
      await ready(page);
      return page.$eval('.explorer-words', (element) => element.innerText);
    };
    const before = await shown(page);
    assert.match(before, /\d+ of 100/);
    const pictures = await page.$$('[name="picture"]');
    assert.ok(pictures.length > 1);
    await pictures[0].focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => location.hash === '#explorer?picture=1');
    const other = await shown(page);
    assert.notEqual(other, before);
    await page.click('[name="new-noise"]');
    await page.waitForFunction(() => location.hash.includes('noise='));
    const fresh = await shown(page);
    const link = await page.evaluate(() => location.href);
    const again = await browser.newPage();
    await again.goto(link);
    assert.equal(await shown(again), fresh, 'a link brings the words back');
    await again.close();
    await page.bringToFront();
    await page.click('[name="first-noise"]');
    assert.equal(await shown(page), other);
    assert.deepEqual(faults, []);
    await page.close();
  });

  test(`${path}: without JavaScript it can be read`, async () => {
    const page = await browser.newPage();
    await page.setJavaScriptEnabled(false);
    await page.setViewport({ width: 390, height: 900 });
    await page.goto(pathToFileURL(path).href);
    // Nothing is offered that would not work.
    for (const control of await page.$$('main button, main select, main input')) {
      assert.equal(await control.isVisible(), false);
    }
    assert.ok((await page.$$('#curves path')).length > 0 || !(await page.$('#curves')));
    assert.ok((await overflow(page)) <= 0);
    await page.close();
  });
}

/** The numbers of an array of f32 as NumPy writes it. */
async function arrayOf(path) {
  const { readFile } = await import('node:fs/promises');
  const bytes = await readFile(path);
  const start = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, start);
  assert.match(header, /'<f4'.*'fortran_order': False/);
  const shape = /\(([\d, ]+)\)/.exec(header)[1].split(',').filter((size) => size.trim()).map(Number);
  return { shape, values: new Float32Array(bytes.buffer.slice(bytes.byteOffset + start)) };
}

/** How far apart a pixel may be: that of weights of 16 bits, and of a byte. */
const TOLERANCE = 2e-3 + 0.5 / 255;

for (const line of (process.env.CGAN_SAMPLED ?? '').split('\n').filter(Boolean)) {
  const [path, array] = line.split('\t');
  test(`${path}: the grid of the explorer is that of cgan sample`, async () => {
    const { page } = await opened(path, 1280);
    const { shape: [count, height, width], values } = await arrayOf(array);
    await page.waitForSelector('.explorer-grid[aria-busy="false"]');
    // The second canvas of the section; the first shows one sample.
    const grid = await page.$$eval('#explorer canvas', ([, canvas]) => {
      const { width, height } = canvas;
      return { width, pixels: [...canvas.getContext('2d').getImageData(0, 0, width, height).data] };
    });
    const columns = grid.width / width;
    let worst = 0;
    values.forEach((value, index) => {
      const image = Math.floor(index / (height * width));
      const [row, column] = [Math.floor(index / width) % height, index % width];
      const y = Math.floor(image / columns) * height + row;
      const x = (image % columns) * width + column;
      worst = Math.max(worst, Math.abs(grid.pixels[4 * (y * grid.width + x)] / 255 - value));
    });
    assert.ok(count > columns && worst <= TOLERANCE, `${count} images, ${worst}`);
    await page.close();
  });
}

test('pages are made by cargo test', { skip }, () => {});
