/** Records the histories that `replay/Histories.test.ts` replays: `node test/temporal/record.ts [name …]`. */
import * as Effect from "effect/Effect"
import { mkdirSync, writeFileSync } from "node:fs"
import process from "node:process"
import { fileURLToPath } from "node:url"
import * as DevServer from "./DevServer.ts"
import { answer, common, methods, real, running } from "./replay/Methods.ts"
import * as Replay from "./replay/Replay.ts"
import * as Durable from "./workflow/Durable.ts"

const folder = fileURLToPath(new URL("./histories/", import.meta.url))
const wanted = process.argv.slice(2)

await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
  const server = yield* Effect.acquireRelease(
    Effect.promise(DevServer.start),
    ({ stop }) => Effect.promise(stop)
  )
  const durable = yield* Durable.make(server.address, { answer, real })
  mkdirSync(folder, { recursive: true })
  for (const [name, { inputs, isResumed = false, library, ref, settings, ...method }] of Object.entries(methods)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    const asked = { ...running, settings: { ...running.settings, ...settings } }
    const more = { ...common, ...method.common }
    const { id } = yield* durable.run(library, ref, inputs, asked, more)
    if (isResumed) yield* durable.run(library, ref, inputs, asked, { ...more, isResumed }, id)
    const recorded = yield* Replay.fetch(durable.client, id)
    writeFileSync(`${folder}${name}.json`, Replay.toJson(recorded))
    yield* Effect.sync(() => process.stdout.write(`${name}: ${recorded.length} workflows\n`))
  }
})))
