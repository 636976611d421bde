/** What the example API holds: a small bookshop. People and books are made up. */

/** A record, as the API's JSON says it. */
export type Row = Record<string, unknown>;

export const authors = [
  { id: 1, name: "Ada Norling", country: "SE" },
  { id: 2, name: "Tomás Okafor", country: "PT" },
  { id: 3, name: "Łucja Brandt", country: "PL" },
];

type Price = { format: "paper" | "ebook"; price: number };

const book = (
  id: number,
  title: string,
  author_id: number,
  genre: string,
  published_on: string | null,
  ...prices: Price[]
) => ({ id, title, author_id, genre, published_on, prices });

const paper = (price: number): Price => ({ format: "paper", price });
const ebook = (price: number): Price => ({ format: "ebook", price });

/** In the order in which every endpoint has them. */
export const books = [
  book(1, "The Salt Road", 1, "travel", "2019-03-14", paper(18.5), ebook(9.99)),
  book(2, "Nine Lanterns", 2, "crime", "2020-10-01", paper(14)),
  book(3, "A Field Guide to Fog", 3, "nature", "2021-05-20", paper(22), ebook(12.5)),
  book(4, "Low Tide", 1, "crime", "2021-09-02", ebook(7.49)),
  book(5, "The Clockmaker's Map", 2, "travel", "2022-02-11", paper(16.25)),
  book(6, "Winter Orchard", 3, "nature", "2022-11-30", paper(19), ebook(11)),
  book(7, "Letters to Nobody", 1, "novel", "2023-01-17", paper(13.75)),
  book(8, "Glass & Iron", 2, "novel", "2023-06-08", paper(15), ebook(8.25)),
  book(9, "The Quiet Harbour", 3, "crime", "2024-04-23", paper(14.5)),
  book(10, "Birds of the Marsh", 3, "nature", "2024-08-15", paper(27), ebook(14)),
  book(11, "Platform Zero", 2, "crime", "2025-03-05", ebook(6.99)),
  book(12, "Half a Bridge", 1, "novel", null),
];

export const reviews = [
  { id: 101, book_id: 1, stars: 5, text: "Read it on the way, and missed my stop." },
  { id: 102, book_id: 1, stars: 3, text: null },
  { id: 103, book_id: 3, stars: 4, text: 'The chapter on "sea smoke" alone is worth it.' },
  { id: 104, book_id: 4, stars: 2, text: "Too short." },
  { id: 105, book_id: 8, stars: 5, text: "Großartig!" },
  { id: 106, book_id: 11, stars: 4, text: "Guessed the end.\nLiked it all the same." },
];

/** Only some books have one; for the others the API answers 404. */
export const summaries = [
  { book_id: 1, summary: "A walk along an old trade route." },
  { book_id: 4, summary: "A detective, a beach, and not much time." },
  { book_id: 10, summary: "Forty birds in watercolours." },
];

export const orders = [
  { id: 501, book_id: 2, copies: 1, status: "shipped", updated_at: "2025-12-29T16:20:00Z" },
  { id: 502, book_id: 7, copies: 2, status: "shipped", updated_at: "2025-12-31T09:05:00Z" },
  { id: 503, book_id: 1, copies: 1, status: "returned", updated_at: "2026-01-05T11:30:00Z" },
  { id: 504, book_id: 10, copies: 3, status: "shipped", updated_at: "2026-01-20T08:00:00Z" },
  { id: 505, book_id: 3, copies: 1, status: "shipped", updated_at: "2026-02-01T00:00:00Z" },
  { id: 506, book_id: 2, copies: 5, status: "packed", updated_at: "2026-02-09T13:45:00Z" },
  { id: 507, book_id: 8, copies: 1, status: "packed", updated_at: "2026-02-10T07:15:00Z" },
  { id: 508, book_id: 11, copies: 2, status: "open", updated_at: "2026-02-11T18:40:00Z" },
];

export const genres = [
  { genre: "travel", shelf: "A" },
  { genre: "crime", shelf: "B" },
  { genre: "nature", shelf: "C" },
  { genre: "novel", shelf: "B" },
];

/** What is left of each book, as the stock taking has counted it. */
export const stock = books.map(({ id }) => ({ book_id: id, copies: (id * 7) % 5 }));

/** Sales of a month: not for everyone who may see the books. */
export const sales = [
  { month: "2026-01", copies: 41, revenue: 612.4 },
  { month: "2026-02", copies: 38, revenue: 570.15 },
];

export const openingHours = [
  { day: "weekdays", from: "09:00", to: "18:30" },
  { day: "saturday", from: "10:00", to: "16:00" },
];
