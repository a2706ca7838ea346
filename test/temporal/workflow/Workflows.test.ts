import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { library, llm, pipe, run, sequence } from "../../library/Fixture.ts"
import * as Server from "../Server.ts"
import * as Durable from "./Durable.ts"

Server.use()

const method = library([
  llm("one", { item: "Text" }),
  pipe("all", "PipeBatch", {
    inputs: { items: "Text[]" },
    output: "Text[]",
    branch_pipe_code: "one",
    input_list_name: "items",
    input_item_name: "item"
  }),
  sequence("seq", { items: "Text[]", topic: "Text" }, "Text", [
    { pipe: "all", result: "answers" },
    { pipe: "sum", result: "total" }
  ]),
  llm("sum", { answers: "Text[]", topic: "Text" })
].join("\n"))

describe("a durable run", () => {
  it.live("makes the memory that the direct run makes", () =>
    Effect.scoped(Effect.gen(function*() {
      const durable = yield* Durable.make()
      const inputs = { items: ["a", "b", "c"], topic: "letters" }
      const direct = yield* run(method, "d.seq", inputs)
      const ran = yield* durable.run(method, "d.seq", inputs)
      console.log(JSON.stringify(ran.result), ran.events.map(({event})=>event._tag))
      assert.deepStrictEqual(Result.getOrThrow(ran.result), direct)
    })), 120_000)
})
