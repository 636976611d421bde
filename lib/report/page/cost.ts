import type { Cost } from "../../metering/cost.ts";
import { formatCount, formatDollars, formatNumber } from "../format.ts";
import { type Html, html } from "./html.ts";

const line = (service: string, used: string, price: string, dollars: number): Html =>
  html`<tr role="row"><th scope="row" class="pair" role="rowheader">${service}</th><td class="text full" role="cell" data-label="Used">${used}</td><td class="text full" role="cell" data-label="Price">${price}</td><td class="aside" role="cell">${formatDollars(dollars)}</td></tr>`;

/** What the run costs by service, at which prices. */
export const costSection = ({
  usage,
  dollars,
  prices,
}: Cost): Html => html`<section aria-labelledby="cost"><h2 id="cost">Cost</h2>
<div class="card scroll"><table class="cards" role="table"><caption>What the run costs by service</caption>
<thead role="rowgroup"><tr role="row"><th class="text" scope="col" role="columnheader">Service</th><th class="text" scope="col" role="columnheader">Used</th><th class="text" scope="col" role="columnheader">Price</th><th scope="col" role="columnheader">Cost</th></tr></thead>
<tbody role="rowgroup">${[
  line(
    "Lambda",
    `${formatNumber(usage.gb_seconds, 2)} GB-seconds, ${formatCount(usage.invocations, "request")}`,
    `$${prices.lambda_dollars_per_gb_second} a GB-second, $${prices.lambda_dollars_per_million_requests} a million requests`,
    dollars.lambda,
  ),
  line(
    "Step Functions",
    formatCount(usage.transitions, "state transition"),
    `$${prices.step_functions_dollars_per_1000_transitions} a thousand`,
    dollars.step_functions,
  ),
  line(
    "S3 requests",
    `${formatCount(usage.s3_puts, "PUT")}, ${formatCount(usage.s3_gets, "GET")}`,
    `$${prices.s3_dollars_per_1000_puts} a thousand PUTs, $${prices.s3_dollars_per_1000_gets} a thousand GETs`,
    dollars.s3,
  ),
]}</tbody><tfoot role="rowgroup"><tr role="row"><th class="text pair" scope="row" role="rowheader" colspan="3">Total</th><td class="aside" role="cell">${formatDollars(dollars.total)}</td></tr></tfoot></table></div>
<p class="small soft below">An estimate at the list prices of ${prices.region}, ${prices.lambda_architecture}, without free tiers; without what is stored, logs and the secret.</p></section>`;
