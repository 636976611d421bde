/** Data of the example API: a small bookshop. People and books are fictitious. */

/** A record as the API returns it. */
export type Row = Record<string, unknown>;

export const authors = [
  { id: 1, name: "Ada Norling", country: "SE" },
  { id: 2, name: "Tomás Okafor", country: "PT" },
  { id: 3, name: "Łucja Brandt", country: "PL" },
];

type Price = { format: "paper" | "ebook"; price: number };

type Book = {
  id: number;
  title: string;
  author_id: number;
  genre: string;
  published_on: string | null;
  prices: Price[];
};

const paper = (price: number): Price => ({ format: "paper", price });
const ebook = (price: number): Price => ({ format: "ebook", price });

/** All books, in the order in which every endpoint returns them. */
export const books: Book[] = [
  {
    id: 1,
    title: "The Salt Road",
    author_id: 1,
    genre: "travel",
    published_on: "2019-03-14",
    prices: [paper(18.5), ebook(9.99)],
  },
  { id: 2, title: "Nine Lanterns", author_id: 2, genre: "crime", published_on: "2020-10-01", prices: [paper(14)] },
  {
    id: 3,
    title: "A Field Guide to Fog",
    author_id: 3,
    genre: "nature",
    published_on: "2021-05-20",
    prices: [paper(22), ebook(12.5)],
  },
  { id: 4, title: "Low Tide", author_id: 1, genre: "crime", published_on: "2021-09-02", prices: [ebook(7.49)] },
  {
    id: 5,
    title: "The Clockmaker's Map",
    author_id: 2,
    genre: "travel",
    published_on: "2022-02-11",
    prices: [paper(16.25)],
  },
  {
    id: 6,
    title: "Winter Orchard",
    author_id: 3,
    genre: "nature",
    published_on: "2022-11-30",
    prices: [paper(19), ebook(11)],
  },
  {
    id: 7,
    title: "Letters from the Coast",
    author_id: 1,
    genre: "novel",
    published_on: "2023-01-17",
    prices: [paper(13.75)],
  },
  {
    id: 8,
    title: "Glass & Iron",
    author_id: 2,
    genre: "novel",
    published_on: "2023-06-08",
    prices: [paper(15), ebook(8.25)],
  },
  {
    id: 9,
    title: "The Quiet Harbour",
    author_id: 3,
    genre: "crime",
    published_on: "2024-04-23",
    prices: [paper(14.5)],
  },
  {
    id: 10,
    title: "Birds of the Marsh",
    author_id: 3,
    genre: "nature",
    published_on: "2024-08-15",
    prices: [paper(27), ebook(14)],
  },
  { id: 11, title: "Platform Zero", author_id: 2, genre: "crime", published_on: "2025-03-05", prices: [ebook(6.99)] },
  { id: 12, title: "Half a Bridge", author_id: 1, genre: "novel", published_on: null, prices: [] },
];

export const reviews = [
  { id: 101, book_id: 1, stars: 5, text: "Read it on the way, and missed my stop." },
  { id: 102, book_id: 1, stars: 3, text: null },
  { id: 103, book_id: 3, stars: 4, text: 'The chapter on "sea smoke" alone is worth it.' },
  { id: 104, book_id: 4, stars: 2, text: "Too short." },
  { id: 105, book_id: 8, stars: 5, text: "Großartig!" },
  { id: 106, book_id: 11, stars: 4, text: "Guessed the end.\nLiked it all the same." },
];

/** Summaries exist for some books only; the API returns 404 for the others. */
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

/** Copies in stock of each book. */
export const stock = books.map(({ id }) => ({ book_id: id, copies: (id * 7) % 5 }));

/** Monthly sales. They require other credentials than the books. */
export const sales = [
  { month: "2026-01", copies: 41, revenue: 612.4 },
  { month: "2026-02", copies: 38, revenue: 570.15 },
];

export const openingHours = [
  { day: "weekdays", from: "09:00", to: "18:30" },
  { day: "saturday", from: "10:00", to: "16:00" },
];
