/** The look of an HTML report: the light print palette, on screen and on paper. */
import type { Look } from '../model';

export function htmlStyle({ accent }: Look, paper: 'a4' | 'letter'): string {
  return `
:root{color-scheme:light;--accent:${accent};--line:#E6E5E0;--strong:#CFCDC6;--text:#1B1C1E;--second:#5A5D63;--faint:#6B6E74;--warn:#8A5A00;--bad:#A32020;--good:#1B7F4D}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1000px;padding:28px 24px 64px;font:13px/1.5 Inter,"Noto Sans","Noto Sans SC","Noto Sans Arabic",system-ui,sans-serif;color:var(--text);background:#fff;font-variant-numeric:tabular-nums}
header{display:flex;justify-content:space-between;gap:24px;align-items:flex-start;border-bottom:1px solid var(--line);padding-bottom:12px}
header img{max-height:44px;max-width:180px}
h1{font-size:22px;line-height:1.25;margin:0;overflow-wrap:anywhere}
h2{font-size:16px;margin:36px 0 10px;padding-top:6px;border-top:1px solid var(--line)}
h3{font-size:13px;margin:22px 0 6px}
p{margin:6px 0}.subtitle{color:var(--second);margin:2px 0 0;overflow-wrap:anywhere}.ids{color:var(--faint);font-size:11px;margin:4px 0 0;overflow-wrap:anywhere}
.verdict{font-size:17px;line-height:1.4;margin:20px 0 8px;padding:2px 0 2px 14px;border-left:4px solid var(--faint)}
.verdict.good{border-color:var(--good)}.verdict.bad{border-color:var(--bad)}.verdict.warn{border-color:var(--warn)}
p.quiet,ul.quiet{color:var(--second)}.warn{color:var(--warn)}.bad{color:var(--bad)}.good{color:var(--good)}
p.verdict{color:var(--text)}
nav{columns:3;font-size:12px;margin:14px 0}nav a{display:block;color:var(--accent);text-decoration:none}
.headlines{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px 20px;margin:14px 0}
.headlines div{border-top:2px solid var(--strong);padding-top:6px}.headlines span{display:block;font-size:11px;color:var(--second)}
.headlines .big{font-size:26px;line-height:1.25;color:var(--text)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:12px}caption{text-align:left;font-weight:600;font-size:13px;padding:18px 0 6px}
th,td{padding:4px 8px;border-bottom:1px solid var(--line);text-align:right;vertical-align:top;white-space:nowrap}
th.t,td.t{text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:60px}thead th{color:var(--second);font-weight:600;border-color:var(--strong);position:sticky;top:0;background:#fff}
tbody th{font-weight:400;text-align:left;white-space:normal;overflow-wrap:anywhere}tr.primary th,tr.primary td{font-weight:600}tr.quiet th,tr.quiet td{color:var(--second)}tr.bad th,tr.bad td{color:var(--bad)}tr.warn th,tr.warn td{color:var(--warn)}
tfoot td,tfoot th{font-weight:600;border-top:1px solid var(--strong)}td small{display:block;color:var(--faint);font-size:10px}
.f{all:unset;cursor:pointer;border-bottom:1px dotted var(--strong)}.big .f{border-bottom-width:2px}.f:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}.none{color:var(--faint);font-style:italic}
.note{font-size:11px;color:var(--faint);margin:4px 0}
figure{margin:18px 0 6px;break-inside:avoid}figcaption{font-weight:600;margin-bottom:4px}svg{display:block;width:100%;height:auto;font-family:inherit}svg .off{opacity:.12}svg text[data-s]{cursor:pointer}
.tip{position:absolute;pointer-events:none;background:#fff;border:1px solid var(--strong);border-radius:6px;padding:6px 8px;font-size:11px;line-height:1.45;z-index:9;white-space:nowrap}
.chart{position:relative}
dl{display:grid;grid-template-columns:minmax(140px,max-content) 1fr;gap:2px 16px;font-size:12px;margin:10px 0}dt{color:var(--second)}dd{margin:0;overflow-wrap:anywhere}
[popover]{max-width:560px;max-height:80vh;overflow:auto;border:1px solid var(--strong);border-radius:6px;padding:14px 18px;font-size:12px;color:var(--text);background:#fff}
[popover]::backdrop{background:rgba(27,28,30,.18)}[popover] h4{margin:0 0 6px;font-size:14px}[popover] code{font-size:12px}
.disclaimer{font-size:11px;color:var(--second);margin-top:10px}
@page{size:${paper === 'a4' ? 'A4' : 'letter'};margin:16mm 14mm}
@media print{body{max-width:none;padding:0}nav,.tip{display:none}.scroll{overflow:visible}thead th{position:static}h2,h3,caption{break-after:avoid}tr{break-inside:avoid}.f{border:0}table{font-size:9.5px}th,td{padding:2px 4px}}
@media (max-width:640px){nav{columns:1}}
`.replaceAll('\n', '');
}
