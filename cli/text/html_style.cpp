#include "cli/text/html_parts.h"

namespace ridgeline::cli::html {

const char* const kStyle = R"css(
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2127;--quiet:#5c6773;--line:#d9dee4;--panel:#f5f7f9;--accent:#1f6feb;
--compute:#2f74c0;--memory:#d9822b;--overhead:#b3416b;--transfer:#7a57c4;--idle:#8a94a0;--balanced:#2e8b57;--unknown:#9aa4af}
@media (prefers-color-scheme:dark){:root{--bg:#14181d;--fg:#e3e8ee;--quiet:#98a4b1;--line:#303a45;--panel:#1c2229;--accent:#6cb0ff;
--compute:#63a6f0;--memory:#eda24e;--overhead:#e0769d;--transfer:#a98af0;--idle:#77828e;--balanced:#58b884;--unknown:#6d7783}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:14px/1.45 system-ui,sans-serif}
main{max-width:1180px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:22px;margin:0 0 2px}h2{font-size:16px;margin:34px 0 8px}
.quiet{color:var(--quiet)}p{margin:6px 0}
.tiles{display:flex;flex-wrap:wrap;gap:10px;margin:16px 0}
.tile{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:10px 14px;min-width:150px}
.tile b{display:block;font-size:19px;font-weight:600}.tile span{color:var(--quiet);font-size:12px}
.stack{display:flex;height:22px;border-radius:4px;overflow:hidden;margin:8px 0}
.stack i{display:block}.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px}
.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:6px}
.b-compute{background:var(--compute);fill:var(--compute)}.b-memory{background:var(--memory);fill:var(--memory)}
.b-overhead{background:var(--overhead);fill:var(--overhead)}.b-transfer{background:var(--transfer);fill:var(--transfer)}
.b-idle{background:var(--idle);fill:var(--idle)}.b-balanced{background:var(--balanced);fill:var(--balanced)}
.b-unknown{background:var(--unknown);fill:var(--unknown)}
.scroll{overflow-x:auto;max-height:560px;overflow-y:auto;border:1px solid var(--line);border-radius:6px}
table{border-collapse:collapse;width:100%;font-size:13px}
th{position:sticky;top:0;background:var(--panel);text-align:left;font-weight:600;padding:6px 10px;white-space:nowrap}
td{padding:4px 10px;border-top:1px solid var(--line);white-space:nowrap;max-width:420px;overflow:hidden;text-overflow:ellipsis}
.n{text-align:right;font-variant-numeric:tabular-nums}
.share{background:linear-gradient(to left,color-mix(in srgb,var(--accent) 22%,transparent) var(--s),transparent var(--s))}
.js th{cursor:pointer}.js th[data-d]::after{content:" ▾"}.js th[data-d="1"]::after{content:" ▴"}
ul.findings{padding-left:0;list-style:none;margin:8px 0}ul.findings li{border-left:3px solid var(--line);padding:3px 10px;margin:6px 0}
li.warning{border-color:var(--overhead)!important}li.notice{border-color:var(--memory)!important}
ul.advice{padding-left:0;list-style:none}ul.advice>li{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:8px 14px;margin:8px 0}
ul.advice ul{margin:4px 0 2px;padding-left:18px}.gain{color:var(--accent);font-weight:600;margin:0 8px}
.p-late{background:repeating-linear-gradient(135deg,var(--overhead) 0 4px,var(--idle) 4px 8px)}
svg{display:block;width:100%;height:auto;background:var(--panel);border:1px solid var(--line);border-radius:6px}
svg text{fill:var(--quiet);font:11px system-ui,sans-serif}svg .grid{stroke:var(--line);stroke-width:1}
svg .roof{stroke:var(--fg);stroke-width:1.5;fill:none;opacity:.75}svg .band{stroke:var(--quiet);stroke-width:1.2;fill:none}
svg circle{fill-opacity:.62;stroke:var(--bg);stroke-width:.7}svg circle:hover{fill-opacity:1;stroke:var(--fg)}
svg rect:hover{opacity:.7}.k-call{fill:var(--idle)}.k-kernel{fill:var(--compute)}.k-copy,.k-set{fill:var(--transfer)}
.k-sync{fill:var(--overhead)}.k-range{fill:var(--balanced)}.k-frame,.k-other{fill:var(--unknown)}.k-operator{fill:var(--accent)}
input.filter{display:none}.js input.filter{display:block;margin:0 0 6px;padding:4px 8px;width:260px;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:4px}
@media print{.scroll{max-height:none;overflow:visible}}
)css";

// Sorts a table by the column that is clicked, and filters the operators. Everything is there without it.
const char* const kScript = R"js(
document.documentElement.classList.add('js');
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  heads.forEach((head, column) => head.addEventListener('click', () => {
    const numbers = head.classList.contains('n'), up = numbers ? head.dataset.d === '0' : head.dataset.d !== '1';
    heads.forEach(h => delete h.dataset.d);
    head.dataset.d = up ? '1' : '0';
    const value = row => {
      const cell = row.cells[column];
      if (!numbers) return cell.textContent;
      return cell.dataset.v === '' ? -Infinity : +cell.dataset.v;
    };
    const rows = [...body.rows].sort((a, b) => {
      const x = value(a), y = value(b), order = x < y ? -1 : x > y ? 1 : 0;
      return up ? order : -order;
    });
    body.append(...rows);
  }));
}
for (const input of document.querySelectorAll('input.filter')) {
  input.addEventListener('input', () => {
    const wanted = input.value.toLowerCase();
    for (const row of input.nextElementSibling.querySelectorAll('tbody tr')) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    }
  });
}
)js";

}  // namespace ridgeline::cli::html
