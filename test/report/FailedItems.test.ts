import { assert, describe, it } from "@effect/vitest"
import { fail, type PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"
import * as PipePath from "../../src/program/PipePath.ts"
import { width } from "../../src/report/Columns.ts"
import * as FailedItems from "../../src/report/FailedItems.ts"
import * as Style from "../../src/report/Style.ts"
import { rateLimited } from "../failure/Failures.ts"

const all = PipePath.entry({ code: "review_all", ref: "d.review_all" })
const empty = fail(new Reason.PromptEmpty({}), { pipe: "ask" })

/** As they might be heard: the items of `path` that failed. */
const failed = (path: PipePath.PipePath, items: number, indexes: ReadonlyArray<number>, failure: PipeFailure = empty) =>
  indexes.map((index) => ({ at: 0, event: { _tag: "ItemFinished", path, index, items, failure } as const }))

const inner = (item: number) =>
  PipePath.child(PipePath.child(all, { code: "review", ref: "d.review" }, item), { code: "ask_all", ref: "d.a" }, 1)

describe("items that failed and were left out", () => {
  it("are told with their place, those that failed alike together, and each reason once", () => {
    const found = FailedItems.of([...failed(all, 40, [8, 1, 6, 7]), ...failed(all, 40, [3], rateLimited)])
    assert.deepStrictEqual(FailedItems.lines(found), [
      "5 of 40 items failed and were left out:",
      "  review_all, items 2, 7-9: pipe.prompt_empty",
      "    Pipe \"ask\" failed: the prompt is empty",
      "  review_all, item 4: provider.rate_limited",
      "    Pipe \"write_pitch\" failed: provider \"openai\" for model \"gpt-4o-mini\" is",
      "    limiting the rate of requests"
    ])
  })

  it("are told by batch where items of several failed, also of one within an item that succeeded", () => {
    const found = FailedItems.of([...failed(inner(4), 3, [2]), ...failed(inner(0), 3, [1]), ...failed(all, 6, [2])])
    assert.deepStrictEqual(FailedItems.lines(found).filter((line) => !line.includes("failed: ")), [
      "3 items of 3 batches failed and were left out:",
      "  review_all > review (1) > ask_all (2), item 2: pipe.prompt_empty",
      "  review_all, item 3: pipe.prompt_empty",
      "  review_all > review (5) > ask_all (2), item 3: pipe.prompt_empty"
    ])
    assert.deepStrictEqual(
      FailedItems.toJson(found, "r").map(({ index, items, path }) => [path, index, items]),
      [
        ["review_all/0-review/1-ask_all", 1, 3],
        ["review_all", 2, 6],
        ["review_all/4-review/1-ask_all", 2, 3]
      ]
    )
  })

  it("are twenty at most where each failed in its own way, within eighty columns", () => {
    const each = Array.from(
      { length: 25 },
      (_, index) =>
        failed(all, 25, [index], fail(new Reason.PromptEmpty({}), { pipe: `ask_${"about_".repeat(20)}${index}` }))
    ).flat()
    const options = { rest: "results/review_all_output_01/failed_items.json" }
    const lines = FailedItems.lines(FailedItems.of(each), options)
    assert.lengthOf(lines.filter((line) => line.includes("pipe.prompt_empty")), 20)
    assert.strictEqual(lines.at(-1), `  and 5 more: see ${options.rest}`)
    for (const line of lines) assert.isAtMost(width(line), 80)
    const coloured = FailedItems.lines(FailedItems.of(each), { ...options, style: Style.colour })
    assert.deepStrictEqual(coloured.map(width), lines.map(width))
  })

  it("that failed alike are told up to a dozen runs of neighbours", () => {
    const every = Array.from({ length: 100 }, (_, index) => 2 * index)
    assert.deepStrictEqual(FailedItems.lines(FailedItems.of(failed(all, 200, every))), [
      "100 of 200 items failed and were left out:",
      "  review_all, items 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23 and 88 more:",
      "  pipe.prompt_empty",
      "    Pipe \"ask\" failed: the prompt is empty"
    ])
  })

  it("are nothing to speak of when there are none", () => {
    const [one] = failed(all, 6, [0])
    assert.isDefined(one)
    const { failure: _, ...event } = one.event
    assert.deepStrictEqual(FailedItems.lines(FailedItems.of([{ at: 0, event }])), [])
    assert.strictEqual(FailedItems.lines(FailedItems.of([one]))[0], "1 of 6 items failed and was left out:")
  })
})
