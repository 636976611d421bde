import type { Cost } from "../../metering/cost.ts";
import { formatCount, formatDollars, formatNumber } from "../format.ts";
import { type Html, html } from "./html.ts";

/** Cost of one AWS service. */
interface ServiceCost {
  service: string;
  usage: string;
  price: string;
  dollars: number;
}

const serviceCosts = ({ usage, dollars, prices }: Cost): ServiceCost[] => [
  {
    service: "Lambda",
    usage: `${formatNumber(usage.gb_seconds, 2)} GB-seconds, ${formatCount(usage.invocations, "request")}`,
    price: `$${prices.lambda_dollars_per_gb_second} per GB-second, $${prices.lambda_dollars_per_million_requests} per million requests`,
    dollars: dollars.lambda,
  },
  {
    service: "Step Functions",
    usage: formatCount(usage.transitions, "state transition"),
    price: `$${prices.step_functions_dollars_per_1000_transitions} per thousand`,
    dollars: dollars.step_functions,
  },
  {
    service: "S3 requests",
    usage: `${formatCount(usage.s3_puts, "PUT")}, ${formatCount(usage.s3_gets, "GET")}`,
    price: `$${prices.s3_dollars_per_1000_puts} per thousand PUTs, $${prices.s3_dollars_per_1000_gets} per thousand GETs`,
    dollars: dollars.s3,
  },
];

const row = ({ service, usage, price, dollars }: ServiceCost): Html =>
  html`<tr role="row"><th scope="row" class="pair" role="rowheader">${service}</th><td class="text full" role="cell" data-label="Usage">${usage}</td><td class="text full" role="cell" data-label="Price">${price}</td><td class="aside" role="cell">${formatDollars(dollars)}</td></tr>`;

/** Renders the cost of the run by service, with usage and prices. */
export const costSection = (cost: Cost): Html => html`<section aria-labelledby="cost"><h2 id="cost">Cost</h2>
<div class="card scroll"><table class="cards" role="table"><caption>Cost of the run by service</caption>
<thead role="rowgroup"><tr role="row"><th class="text" scope="col" role="columnheader">Service</th><th class="text" scope="col" role="columnheader">Usage</th><th class="text" scope="col" role="columnheader">Price</th><th scope="col" role="columnheader">Cost</th></tr></thead>
<tbody role="rowgroup">${serviceCosts(cost).map(row)}</tbody><tfoot role="rowgroup"><tr role="row"><th class="text pair" scope="row" role="rowheader" colspan="3">Total</th><td class="aside" role="cell">${formatDollars(cost.dollars.total)}</td></tr></tfoot></table></div>
<p class="small muted below">Estimate at list prices (${cost.prices.region}, ${cost.prices.lambda_architecture}) without free tiers. Storage, logs and the secret are not included.</p></section>`;
