import type { Row } from "../../dice.ts";
import type { Fault, Route, SampleSource } from "../../sample-source.ts";
import { orderTable } from "./orders.ts";
import {
  companyRecord,
  customerTable,
  deliveryMethodTable,
  storeTable,
  supplierTable,
  tagTable,
  warehouseTable,
} from "./parties.ts";
import { productTable } from "./products.ts";
import { returnTable } from "./returns.ts";

const faultsOf = (orders: Row[]): Fault[] => [
  { path: "/v1/orders", page: 3, status: 429, retry_after: 2 },
  { path: "/v1/orders", page: 7, status: 500 },
  { path: `/v1/orders/${orders[17]?.id}/returns`, page: 1, status: 429, retry_after: 3 },
  { path: `/v1/orders/${orders[120]?.id}/returns`, page: 1, status: 502 },
  { path: "/v1/products", page: 2, status: 503 },
  { path: "/v1/products", page: 9, status: 429, retry_after: 1 },
  { path: "/v1/customers", page: 4, status: 504 },
];

/** Orders, their returns, products and related tables. `meta` has counts, but never under the key `total`. */
export const orderManagement = (): SampleSource => {
  const tags = tagTable();
  const stores = storeTable();
  const customers = customerTable(tags);
  const suppliers = supplierTable();
  const warehouses = warehouseTable();
  const delivery_methods = deliveryMethodTable();
  const products = productTable({ tags, suppliers });
  const orders = orderTable({ tags, stores, customers, warehouses, delivery_methods, products });
  const returns = returnTable(orders);
  const company = companyRecord();

  const list = (path: string, rows: Row[], field?: string): Route => ({
    path,
    find: () => rows,
    envelope: (data, { number, size, total }) => ({
      data,
      meta: { page: number, page_size: size, total_pages: Math.ceil(total / size), total_count: total },
    }),
    ...(field && { since: { param: `${field}_min`, field } }),
  });

  return {
    key_location: "header",
    paging: { by: "page", size: 25, size_param: "page_size" },
    tables: {
      tags,
      orders,
      stores,
      company: [company],
      returns: [...returns.values()].flat(),
      products,
      customers,
      suppliers,
      warehouses,
      purchase_orders: [], // Empty: the first page of the resource has no rows.
      delivery_methods,
    },
    routes: [
      list("/v1/tags", tags),
      list("/v1/orders", orders, "updated_at"),
      list("/v1/channels", stores),
      { path: "/v1/current_company", find: () => company, envelope: (data) => ({ data }) },
      { ...list("/v1/orders/{id}/returns", []), find: (id) => returns.get(id) },
      list("/v1/products", products, "updated_at"),
      list("/v1/customers", customers),
      list("/v1/suppliers", suppliers),
      list("/v1/warehouses", warehouses),
      list("/v1/purchase_orders", []),
      list("/v1/delivery_methods", delivery_methods),
    ],
    faults: faultsOf(orders),
  };
};
