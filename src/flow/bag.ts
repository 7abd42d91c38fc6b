/*
 * Items by key where most keys have one item: that one is kept bare, which saves a Set for each of 100,000 branches.
 */

export type Bag<T extends object> = T | Set<T>;

export function addToBag<T extends object>(bag: Bag<T> | undefined, item: T): Bag<T> {
  if (bag === undefined) return item;
  if (bag instanceof Set) return bag.add(item);
  return bag === item ? bag : new Set([bag, item]);
}

/** What is left; undefined for nothing. */
export function removeFromBag<T extends object>(bag: Bag<T> | undefined, item: T): Bag<T> | undefined {
  if (bag instanceof Set) {
    bag.delete(item);
    return bag.size === 0 ? undefined : bag;
  }
  return bag === item ? undefined : bag;
}

export function itemsOfBag<T extends object>(bag: Bag<T> | undefined): Iterable<T> {
  if (bag === undefined) return [];
  return bag instanceof Set ? bag : [bag];
}

export function addToBags<T extends object>(bags: Map<string, Bag<T>>, key: string, item: T): void {
  const bag = bags.get(key);
  const next = addToBag(bag, item);
  if (next !== bag) bags.set(key, next);
}

export function removeFromBags<T extends object>(bags: Map<string, Bag<T>>, key: string, item: T): void {
  if (removeFromBag(bags.get(key), item) === undefined) bags.delete(key);
}
