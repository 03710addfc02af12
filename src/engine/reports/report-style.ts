/** The light print palette of a report. */
export const REPORT_STYLE = `
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:32px auto;max-width:960px;padding:0 20px;font:13px/1.5 Inter,system-ui,sans-serif;color:#1B1C1E;background:#fff;font-variant-numeric:tabular-nums}
h1{font-size:20px;margin:0}h2{font-size:14px;margin:28px 0 8px}
.id,.note{color:#5A5D63;font-size:12px;margin:4px 0}
.verdict{font-size:17px;margin:16px 0 4px;padding-left:12px;border-left:3px solid #1F5FBF}
.warnings{color:#8A5A00}
table{border-collapse:collapse;width:100%;font-size:12px}
th,td{padding:5px 8px;border-bottom:1px solid #E6E5E0;text-align:right;vertical-align:top;white-space:nowrap}
th:first-child,.text{text-align:left;white-space:normal}
thead th{color:#5A5D63;font-weight:500}
tbody th{font-weight:500}
small{display:block;color:#6B6E74;font-size:11px;font-weight:400}
.primary th,.primary td{background:#F2F6FC}
.none{color:#6B6E74}
.months td{text-align:right;padding:4px 6px}
.pair{display:grid;grid-template-columns:3fr 2fr;gap:24px;align-items:start}
.facts th{width:140px}
code{font-family:"JetBrains Mono",ui-monospace,monospace;font-size:11px;overflow-wrap:anywhere}
svg{width:100%;height:auto;font-size:11px;fill:#5A5D63}
svg .grid{stroke:#E6E5E0;stroke-width:1}
.empty{color:#6B6E74}
@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}
`;
