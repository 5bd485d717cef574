"""A real server in a thread, a real browser before it, and a small check of accessibility."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from vidimus.web.server import listen, server

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The address of this app, on a free port of this machine, until the block ends."""
    where: list[str] = []
    up = threading.Event()

    def ready(address: str) -> None:
        where.append(address)
        up.set()

    with listen("127.0.0.1", 0) as listening:
        running = server(app, ready)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            assert up.wait(30), "the server did not come up"
            yield where[0]
        finally:
            running.should_exit = True
            thread.join(30)


# WCAG 2.2: 1.1.1, 1.3.1, 1.4.3, 2.4.4, 2.4.6, 3.1.1, 4.1.2. Returns what is wrong, in words.
ACCESSIBILITY = r"""() => {
  const wrong = [];
  const visible = (el) => el.getClientRects().length > 0;
  const name = (el) => (el.getAttribute('aria-label') || el.textContent || '').trim();
  if (!document.documentElement.lang) wrong.push('no lang');
  if (!document.title) wrong.push('no title');
  for (const mark of ['header', 'nav', 'main', 'footer'])
    if (!document.querySelector(mark)) wrong.push('no ' + mark);
  const ids = [...document.querySelectorAll('[id]')].map((el) => el.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push('twice: #' + id);
  for (const el of document.querySelectorAll('input, select, textarea'))
    if (!el.labels.length && !el.getAttribute('aria-label')) wrong.push('no label: ' + el.name);
  for (const el of document.querySelectorAll('[aria-describedby]'))
    for (const id of el.getAttribute('aria-describedby').split(' '))
      if (!document.getElementById(id)) wrong.push('describedby nothing: ' + id);
  for (const el of document.querySelectorAll('img')) if (!el.alt) wrong.push('no alt');
  for (const el of document.querySelectorAll('svg'))
    if (el.getAttribute('aria-hidden') !== 'true' && !el.getAttribute('aria-label'))
      wrong.push('a nameless svg');
  for (const el of document.querySelectorAll('a, button, summary, progress'))
    if (!name(el)) wrong.push('nameless: ' + el.outerHTML.slice(0, 80));
  for (const el of document.querySelectorAll('a[href^="#"]')) {
    const target = (el.getAttribute('href') || '').slice(1);
    if (target && !document.getElementById(target)) wrong.push('leads nowhere: #' + target);
  }
  let level = 0;
  for (const el of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    const here = Number(el.tagName[1]);
    if (here > level + 1) wrong.push(`h${here} after h${level}: ` + el.textContent);
    level = here;
  }
  if (document.querySelectorAll('h1').length !== 1) wrong.push('not one h1');

  const parse = (text) => {
    const found = text.match(/[\d.]+/g).map(Number);
    return found.length === 3 ? [...found, 1] : found;
  };
  const over = (top, under) =>
    [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat([1]);
  const light = ([r, g, b]) => {
    const f = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b);
  };
  const ground = (el) => {
    const layers = [];
    for (let at = el; at; at = at.parentElement)
      layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const el = node.parentElement;
    if (!node.data.trim() || seen.has(el) || !visible(el)) continue;
    if (el.closest('svg, script, style')) continue;
    seen.add(el);
    const style = getComputedStyle(el);
    const back = ground(el);
    const fore = over(parse(style.color), back);
    const [a, b] = [light(fore), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5))
      wrong.push(`contrast ${ratio.toFixed(2)}: ` + node.data.trim().slice(0, 40));
  }
  return wrong;
}"""

OVERFLOW = """() => [...document.querySelectorAll('body *')]
  .filter((el) => !el.closest('svg, pre, .unseen'))
  .filter((el) => el.getBoundingClientRect().right > innerWidth + 1)
  .map((el) => el.outerHTML.slice(0, 80))
  .concat(document.documentElement.scrollWidth > innerWidth ? ['the page is wider'] : [])"""


def wrong_for_people(page: Any) -> list[str]:
    found = page.evaluate(ACCESSIBILITY)
    assert isinstance(found, list)
    return found


def wider_than_the_screen(page: Any) -> list[str]:
    page.wait_for_load_state("load")
    found = page.evaluate(OVERFLOW)
    assert isinstance(found, list)
    return found
