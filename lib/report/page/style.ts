/**
 * Style sheet of the pages. Every colour is defined for light and for dark mode; the contrast between text and background is at
 * least 4.5 (WCAG 2.2, 1.4.3). Below 720 px a table is shown as a list of cards.
 */
export const STYLE = `
:root{--background:#f7f6f3;--card:#fff;--text:#1b1d21;--muted:#595e66;--line:#e3e0da;--accent:#1d5fb8;--work:#2f6fc4;--wait:#d9b25f;--past:#c3c9d2;
--good:#17693c;--good-background:#e3f3e9;--bad:#a8201a;--bad-background:#fdecea;--warn:#7a5200;--warn-background:#fbf1d9}
@media (prefers-color-scheme:dark){:root{--background:#131519;--card:#1a1d23;--text:#e9e7e3;--muted:#a3a8b1;--line:#2c3038;--accent:#86b4ff;--work:#5d9bf0;--wait:#a98232;--past:#474e5a;
--good:#74d49c;--good-background:#16301f;--bad:#ff938a;--bad-background:#3a1917;--warn:#eec46a;--warn-background:#33280f}}
*{box-sizing:border-box}
body{margin:0;background:var(--background);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
main{max-width:1120px;margin:0 auto;padding:40px 24px 72px}
h1,h2,h3,p,dl,dd,ul,table{margin:0;padding:0}
h1{font-size:30px;line-height:1.2;letter-spacing:-.015em;font-weight:650;overflow-wrap:anywhere}
h2{font-size:18px;line-height:1.3;font-weight:650;margin:44px 0 14px}
h3{font-size:15px;font-weight:600;overflow-wrap:anywhere}
a{color:var(--accent);text-underline-offset:2px}
code,.code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
bdi{overflow-wrap:anywhere}
.muted{color:var(--muted)}
.small{font-size:13px}
.below{margin-top:10px}
.first{margin-top:0}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px}
.top{display:flex;flex-wrap:wrap;align-items:center;gap:8px 14px}
.tag{display:inline-block;padding:2px 10px;border-radius:99px;font-size:13px;font-weight:600;line-height:1.5;white-space:nowrap}
.good{color:var(--good);background:var(--good-background)}
.bad{color:var(--bad);background:var(--bad-background)}
.warn{color:var(--warn);background:var(--warn-background)}
.lead{font-size:17px;margin-top:10px;max-width:58em;text-wrap:pretty}
.facts{display:flex;flex-wrap:wrap;gap:2px 22px;margin-top:10px;font-size:13px;color:var(--muted)}
.facts dt,.facts dd{display:inline}
.facts dd{color:var(--text);margin-left:4px}
.figures{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));margin-top:26px;overflow:hidden;gap:1px;background:var(--line)}
.figures div{background:var(--card);padding:13px 16px 12px}
.figures dt{font-size:13px;color:var(--muted)}
.figures dd{font-size:21px;line-height:1.3;font-weight:600;letter-spacing:-.01em;overflow-wrap:anywhere}
.figures .small{display:block;font-weight:400;letter-spacing:0;white-space:normal}
.stack{display:grid;gap:10px;list-style:none}
.note{padding:12px 16px;border-left:3px solid var(--wait)}
.failure{padding:14px 16px;border-left:3px solid var(--bad)}
.failure .error{color:var(--bad)}
.message{max-height:15em;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;margin:6px 0 8px}
.next{padding-top:8px;border-top:1px solid var(--line)}
.note p+.next{margin-top:8px}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:14px}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{padding:9px 12px;text-align:right;vertical-align:top;border-top:1px solid var(--line);white-space:nowrap}
thead th{border-top:0;font-size:12.5px;font-weight:500;color:var(--muted);padding:10px 12px 8px;vertical-align:bottom}
th.text,td.text{text-align:left}
th:first-child,td:first-child{padding-left:16px}
th:last-child,td:last-child{padding-right:16px}
tbody th{font-weight:600;text-align:left;white-space:normal;min-width:11em}
tbody th .small{font-weight:400;display:block}
tfoot th,tfoot td{font-weight:650;border-top:2px solid var(--line)}
.up{color:var(--good)}
.down{color:var(--warn)}
.named{display:flex;align-items:baseline}
.dot{flex:none;width:8px;height:8px;border-radius:50%;margin-right:8px;background:var(--good)}
.dot.failed{background:var(--bad)}
.dot.waiting{background:var(--wait)}
td .small{display:block}
.spark{display:inline-block;vertical-align:top;width:84px;height:22px}
.spark rect{fill:var(--past)}
.spark .now{fill:var(--work)}
.spark .zero{fill:var(--bad)}
.lanes{padding:14px 16px 12px}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin-bottom:12px;font-size:13px;color:var(--muted)}
.legend i{display:inline-block;width:18px;height:9px;border-radius:2px;margin-right:6px;background:var(--work)}
.legend .wait{background:var(--wait)}
.legend .failed{background:var(--bad);width:4px}
.lane,.axis{font-size:14px;display:grid;grid-template-columns:minmax(0,13em) minmax(0,1fr) 7em;gap:0 14px;align-items:center}
.lane{padding:4px 0}
.lane .name{font-weight:500;overflow-wrap:anywhere;line-height:1.35}
.lane .duration{text-align:right;color:var(--muted);white-space:nowrap;font-size:13px}
.lane svg{display:block;width:100%;height:16px;border-radius:3px;background:var(--background)}
.lane rect{fill:var(--work)}
.lane .wait{fill:var(--wait)}
.lane .failed{fill:var(--bad)}
.axis .ticks{grid-column:2;position:relative;height:22px;border-top:1px solid var(--line);margin-top:6px;font-size:12px;color:var(--muted)}
.ticks span{position:absolute;top:4px;white-space:nowrap;transform:translateX(-50%)}
.ticks .start{transform:none}
.ticks .end{transform:translateX(-100%)}
.ticks span::before{content:"";position:absolute;left:50%;top:-5px;height:5px;border-left:1px solid var(--line)}
.ticks .start::before{left:0}
.ticks .end::before{left:100%}
.change{padding:12px 16px}
.columns{display:flex;flex-wrap:wrap;gap:5px 6px;margin-top:7px;list-style:none}
.columns li{border:1px solid var(--line);border-radius:6px;padding:0 8px;max-width:100%;overflow-wrap:anywhere}
footer{margin-top:48px;font-size:13px;color:var(--muted)}
.empty{padding:28px 20px}
.empty p+p{margin-top:8px}
@media (max-width:719px){
main{padding:22px 14px 48px}
h1{font-size:25px}
h2{margin-top:34px}
.figures{grid-template-columns:repeat(2,minmax(0,1fr))}
.figures div{padding:11px 14px 10px}
.figures dd{font-size:19px}
.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards,.cards tbody,.cards tfoot{display:block;width:100%}
.cards tr{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:7px 12px;padding:13px 16px 14px;border-top:1px solid var(--line)}
.cards tbody:first-of-type tr:first-child{border-top:0}
.cards tfoot tr{border-top:2px solid var(--line)}
.cards th,.cards td,.cards th:first-child,.cards td:last-child{display:block;padding:0;border:0;text-align:left;min-width:0;white-space:normal;overflow-wrap:anywhere}
.cards th{grid-column:1/-1}
.cards td[data-label]::before{content:attr(data-label);display:block;font-size:12.5px;line-height:1.3;font-weight:400;color:var(--muted)}
.cards td:empty{display:none}
.cards .pair{grid-column:1/3}
.cards .pair~td{order:1}
.cards .pair~td.aside{order:0;text-align:right}
.cards .full{grid-column:1/-1}
.cards .code{font-size:12px}
.cards .spark{width:76px}
.lane{grid-template-columns:minmax(0,1fr) auto;padding:6px 0;gap:3px 12px}
.lane svg{grid-column:1/-1;grid-row:2}
.axis{display:block}
.axis .ticks{font-size:11px}
}
@media print{body{background:#fff}.card{break-inside:avoid}}
`;
