import { expect, test } from "vitest";
import { Topics } from "../../../src/bus/topics.ts";

const deaf = { next: (): void => {} };

test("a subject is there from the first subscriber of its name to the last", () => {
  const topics = new Topics<number>();
  const observable = topics.topic("a");
  expect(topics.size).toBe(0);
  const subscriptions = [observable.subscribe(), topics.subscribe("a", deaf), topics.subscribe("b", deaf)];
  const sizes = subscriptions.map((subscription) => {
    subscription.unsubscribe();
    return topics.size;
  });
  expect(sizes).toEqual([2, 1, 0]);
});

test("the last one goes and another comes while something is delivered: it is a subject of its own, which hears the next", () => {
  const topics = new Topics<number>();
  const heard: string[] = [];
  const first = topics.subscribe("a", {
    next: (value) => {
      heard.push(`first ${value}`);
      first.unsubscribe();
      topics.subscribe("a", { next: (later) => heard.push(`second ${later}`) });
    },
  });
  for (const value of [1, 2]) topics.publish("a", value);
  expect(heard).toEqual(["first 1", "second 2"]);
  expect(topics.size).toBe(1);
});

test("ten thousand who come and go, also while something is delivered, leave nothing behind", () => {
  const topics = new Topics<number>();
  let heard = 0;
  const all = Array.from({ length: 10_000 }, () => topics.subscribe("a", { next: () => heard++ }));
  const late = topics.subscribe("a", {
    next: () => {
      for (let i = 0; i < 10_000; i++) all.push(topics.subscribe("a", deaf));
    },
  });
  topics.publish("a", 1);
  expect(heard).toBe(10_000);
  for (const subscription of [...all, late]) subscription.unsubscribe();
  expect(topics.size).toBe(0);
});
