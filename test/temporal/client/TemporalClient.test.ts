/** Runs through the submitter's layer, on a real server and a real worker. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Concept from "../../../src/concept/Authoring.ts"
import * as Configuration from "../../../src/config/Configuration.ts"
import * as Direct from "../../../src/direct/Direct.ts"
import * as Pipe from "../../../src/pipe/Composed.ts"
import { type RunEvent, RunEvents } from "../../../src/program/RunEvents.ts"
import * as FakeProvider from "../../fake/FakeProvider.ts"
import * as Folder from "../../source/Folder.ts"
import * as Durably from "../Durably.ts"
import * as Server from "../Server.ts"

Server.use()

const draft = Pipe.llm("t.draft", {
  inputs: { topic: Concept.Text },
  output: Concept.Text,
  prompt: "Write on $topic",
  model: "gpt-4o-mini"
})
const shorten = Pipe.llm("t.shorten", {
  inputs: { text: Concept.Text },
  output: Concept.Text,
  prompt: "Shorten $text",
  model: "gpt-4o-mini"
})

const program = Effect.gen(function*() {
  const text = yield* draft({ topic: { text: "cats" } })
  return yield* shorten({ text })
})

const backends = (url: string) => `[openai]\nendpoint = "${url}/v1"\napi_key = "k"\n[internal]\n`

const start = Effect.gen(function*() {
  const provider = yield* FakeProvider.start
  const folder = yield* Folder.make({ "inference/backends.toml": backends(provider.url) })
  const configuration = yield* Configuration.loadFolder(folder)
  const durably = yield* Durably.start({ address: yield* Server.address, queue: yield* Server.queue("client"), attempts: 1 })
  return { provider, configuration, durably, directory: `${folder}/artefacts` }
})

const environment = { get: () => undefined }

const tagsOf = (events: ReadonlyArray<RunEvent>) => events.map((event) => `${event._tag} ${typeof event.path === "string" ? event.path : event.path.code}`)

describe("TemporalClient", () => {
  it.live("answers a composed pipe as Direct does, and tells the same events", () =>
    Effect.gen(function*() {
      const { configuration, directory, durably } = yield* start
      const heard: Array<RunEvent> = []
      const direct: Array<RunEvent> = []
      const run = draft({ topic: { text: "cats" } })
      const durable = yield* run.pipe(
        Effect.provideService(RunEvents, (event) => heard.push(event)),
        Effect.provide(durably.layer({ runId: "composed", configuration, environment, directory }))
      )
      const here = yield* run.pipe(
        Effect.provideService(RunEvents, (event) => direct.push(event)),
        Effect.provide(Direct.layerWith({ configuration, environment, storage: "memory" }))
      )
      assert.deepStrictEqual(durable, here)
      assert.deepStrictEqual(tagsOf(heard), tagsOf(direct))
    }).pipe(Effect.provide(Folder.layer)), 120_000)
})
void program
