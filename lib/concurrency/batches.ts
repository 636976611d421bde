/**
 * Maps items with at most `size` calls in progress at a time: a batch starts when the batch before it is done.
 *
 * @returns the results in the order of the items.
 * @throws the first error of a batch; the batches after it do not start.
 */
export const mapInBatches = async <Item, Result>(
  items: readonly Item[],
  size: number,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = [];
  for (let first = 0; first < items.length; first += size) {
    results.push(...(await Promise.all(items.slice(first, first + size).map(map))));
  }
  return results;
};
