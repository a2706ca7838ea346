/** What a server and a payload store hold of runs, on a real server that writes to a file. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import * as Project from "./Project.ts"

Server.use()

const limit = 240_000

const [asked, answered] = ["canary-of-the-prompt", "canary-of-the-answer"]
const document = { document: `${asked} ` }
const answers = [{ reply: { text: `${answered} one` } }]

const { encrypted, key } = Project

const holds = (bytes: Uint8Array, text: string): boolean => Buffer.from(bytes).includes(text)

describe("what a server keeps", () => {
  it.live(
    "is the values themselves while encryption is off, and never a key of a provider",
    () =>
      Effect.gen(function*() {
        const { address, kept } = yield* Project.server
        const { run } = yield* Project.make(address, "plain", "", answers)
        assert.deepStrictEqual(yield* run("plain", "d.both", document), Result.succeed({ text: `${answered} one` }))
        const bytes = yield* kept
        assert.deepStrictEqual([holds(bytes, asked), holds(bytes, answered)], [true, true])
        assert.isFalse(holds(bytes, Project.secret))
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live(
    "says nothing of prompts, answers or failures while encryption is on, nor does the store",
    () =>
      Effect.gen(function*() {
        const { address, kept } = yield* Project.server
        const codec = `[temporal.payload_codec_config]\nsize_threshold = 2000\n${encrypted("k1", { k1: key() })}`
        const { history, run, store } = yield* Project.make(address, "encrypted", codec, [
          { match: { contains: "refuse-me" }, reply: { status: 401 } },
          ...answers
        ])
        const long = { document: `${asked} `.repeat(500) }
        assert.deepStrictEqual(yield* run("encrypted", "d.both", long), Result.succeed({ text: `${answered} one` }))
        const failed = yield* run("refused", "d.first", { document: "refuse-me" })
        assert.strictEqual(Result.isFailure(failed) ? failed.failure.code : "", "provider.credential_refused")
        const bytes = yield* kept
        for (const text of [asked, answered, "refuse-me", Project.secret]) assert.isFalse(holds(bytes, text), text)
        const objects = yield* store
        assert.isAbove(objects.length, 0)
        for (const object of objects) assert.isFalse(holds(object, asked))
        const told = (yield* history("refused")).flatMap((event) => [
          event.activityTaskFailedEventAttributes?.failure?.message,
          event.workflowExecutionFailedEventAttributes?.failure?.message
        ]).filter((message) => message !== undefined && message !== null)
        assert.deepStrictEqual(told, ["Encoded failure", "Encoded failure"])
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live("of a document of 5 MB is a short history, in every workflow it passes", () =>
    Effect.gen(function*() {
      const { address } = yield* Project.server
      const { run, size, store } = yield* Project.make(address, "large", "", answers)
      const large = { document: "0123456789abcdef".repeat(327_680) }
      assert.deepStrictEqual(yield* run("large", "d.both", large), Result.succeed({ text: `${answered} one` }))
      for (const id of ["large", "large_first-0000", "large_second-0001"]) {
        assert.isBelow(yield* size(id), 100_000, id)
      }
      assert.isAbove(Math.max(...(yield* store).map((each) => each.length)), 5_000_000)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live(
    "waits for a worker that can read the store, and says which one could not be read",
    () =>
      Effect.gen(function*() {
        const address = yield* Server.address
        const [here, there] = [yield* Server.queue("store"), yield* Server.queue("store")]
        const worker = yield* Project.make(address, there, "", answers)
        const submitter = yield* Project.make(address, here, "", answers)
        const large = { document: "0123456789abcdef".repeat(10_000) }
        yield* Effect.forkScoped(submitter.run(here, "d.first", large, { taskQueue: there }))
        const message = yield* Effect.orElseSucceed(submitter.history(here), () => []).pipe(
          Effect.map((events) =>
            events.flatMap(({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.message ?? [])
          ),
          Effect.repeat({ until: (messages) => messages.length > 0, schedule: Schedule.spaced("200 millis") }),
          Effect.map(([first = ""]) => first)
        )
        assert.include(message, `a large payload cannot be read from the folder "${worker.folder}`)
        yield* Effect.promise(() => submitter.client.workflow.getHandle(here).terminate())
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live(
    "is read after its key has been replaced, and told to be unreadable when the key is gone",
    () =>
      Effect.gen(function*() {
        const { address } = yield* Project.server
        const [old, next] = [key(), key()]
        const result = (codec: string) =>
          Effect.gen(function*() {
            const { run } = yield* Project.make(address, "rotated", codec, answers)
            return yield* run("rotated", "d.first", document)
          }).pipe(Effect.scoped)
        const text = Result.succeed({ text: `${answered} one` })
        assert.deepStrictEqual(yield* result(encrypted("old", { old })), text)
        assert.deepStrictEqual(yield* result(encrypted("next", { old, next })), text)
        const gone = yield* result(encrypted("next", { next }))
        assert.strictEqual(Result.isFailure(gone) ? gone.failure.code : "", "pipelex.config.invalid")
        assert.include(Result.isFailure(gone) ? gone.failure.message : "", "\"old\"")
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )
})
