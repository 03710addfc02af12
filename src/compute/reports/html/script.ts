/**
 * The one script of an HTML report, inline and allowed by its hash: values under the pointer of a chart, series that are turned off and on,
 * and the exact number in the derivation that a click opens. Without it everything is still readable; the derivations open by themselves.
 */

export const HTML_SCRIPT = `
'use strict';
(() => {
  for (const button of document.querySelectorAll('.f')) {
    button.addEventListener('click', () => {
      const box = document.getElementById(button.getAttribute('popovertarget'));
      const row = button.closest('tr'), cell = button.closest('td');
      const where = [];
      if (row && row.firstElementChild) where.push(row.firstElementChild.textContent);
      if (cell) {
        const head = cell.closest('table').tHead.rows[0].cells[cell.cellIndex];
        if (head) where.push(head.textContent);
      } else { const box2 = button.closest('.headlines div'); if (box2) where.push(box2.firstElementChild.textContent); }
      box.querySelector('.exact').textContent = where.join(' · ') + ': ' + button.dataset.v;
    });
  }
  for (const chart of document.querySelectorAll('.chart')) {
    const svg = chart.querySelector('svg');
    const data = JSON.parse(chart.querySelector('script').textContent);
    const [left, right, top, bottom] = svg.dataset.plot.split(' ').map(Number);
    const off = new Set();
    const tip = document.createElement('div');
    tip.className = 'tip'; tip.hidden = true; chart.append(tip);
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
    line.setAttribute('y1', top); line.setAttribute('y2', bottom); line.setAttribute('stroke', '#6B6E74'); line.setAttribute('stroke-width', '.5'); line.setAttribute('visibility', 'hidden');
    svg.append(line);
    const hide = () => { tip.hidden = true; line.setAttribute('visibility', 'hidden'); };
    svg.addEventListener('pointerleave', hide);
    svg.addEventListener('pointermove', (event) => {
      const box = svg.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
      if (x < left || x > right) return hide();
      const share = (x - left) / (right - left);
      const last = data.x.length - 1;
      const i = data.bars ? Math.min(last, Math.floor(share * data.x.length)) : Math.round(share * last);
      const at = data.bars ? left + (i + .5) / data.x.length * (right - left) : left + i / Math.max(1, last) * (right - left);
      line.setAttribute('x1', at); line.setAttribute('x2', at); line.setAttribute('visibility', 'visible');
      tip.replaceChildren(...[data.x[i], ...data.series.flatMap((s, k) => off.has(k) ? [] : [s.name + '  ' + (s.values[i] ?? '–')])].map((text, k) => {
        const div = document.createElement('div'); div.textContent = text;
        if (k === 0) div.style.fontWeight = '600';
        return div;
      }));
      tip.hidden = false;
      const px = at / svg.viewBox.baseVal.width * box.width;
      tip.style.left = (px > box.width / 2 ? px - tip.offsetWidth - 10 : px + 10) + 'px';
      tip.style.top = '8px';
    });
    for (const label of svg.querySelectorAll('text[data-s]')) {
      label.setAttribute('tabindex', '0'); label.setAttribute('role', 'switch'); label.setAttribute('aria-checked', 'true');
      const turn = () => {
        const k = Number(label.dataset.s);
        if (off.has(k)) off.delete(k); else off.add(k);
        for (const part of svg.querySelectorAll('[data-s="' + k + '"]')) part.classList.toggle('off', off.has(k));
        label.setAttribute('aria-checked', String(!off.has(k)));
      };
      label.addEventListener('click', turn);
      label.addEventListener('keydown', (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); turn(); } });
    }
  }
})();
`;
