/** Versions of workers on a real server: which one a run begins on, and that it ends there. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Schedule from "effect/Schedule"
import { readFile } from "node:fs/promises"
import * as Bundle from "../../../src/temporal/worker/Bundle.ts"
import * as Deployment from "../../../src/temporal/worker/Deployment.ts"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import * as Process from "./Process.ts"
import * as Working from "./Working.ts"

Server.use()

const limit = 300_000

/** The release's code with a line that changes nothing: another build of the same. */
const another = Effect.gen(function*() {
  const file = yield* Bundle.path
  const code = yield* Effect.promise(() => readFile(file, "utf8"))
  const [banner = "", ...rest] = code.split("\n")
  const folder = yield* Folder.make({ "code.js": [banner, "// another build", ...rest].join("\n") })
  return `${folder}/code.js`
})

const until = <A, E>(look: Effect.Effect<A, E>, isIt: (found: A) => boolean) =>
  Effect.repeat(look, { schedule: Schedule.spaced("1 second"), until: isIt }).pipe(
    Effect.timeout("2 minutes"),
    Effect.orDie
  )

describe("the build id", () => {
  it.effect("names the release and is the same for the same code, and for no other", () =>
    Effect.gen(function*() {
      const code = yield* Bundle.path
      const fs = yield* FileSystem.FileSystem
      const folder = yield* Folder.make({ "x.md": "" })
      yield* fs.copyFile(code, `${folder}/copy.js`)
      const id = yield* Deployment.buildId(code)
      const { version } = JSON.parse(yield* fs.readFileString("package.json")) as { readonly version: string }
      assert.match(id, new RegExp(`^${version.replaceAll(".", "\\.")}-[0-9a-f]{12}$`))
      assert.strictEqual(yield* Deployment.buildId(`${folder}/copy.js`), id)
      assert.notStrictEqual(yield* Deployment.buildId(yield* another), id)
    }).pipe(Effect.provide(Folder.layer)), limit)
})

/** The same project, with workers that are versions of a deployment. */
const deployed = (project: Working.Project, deploymentName: string): Working.Project => {
  const { access } = project
  const worker = { ...access.options.worker, deploymentName }
  return { ...project, access: { ...access, options: { ...access.options, worker } } }
}

/** The build that the server keeps a run with. */
const buildOf = ({ client }: Working.Project, runId: string) =>
  Effect.promise(async () => {
    const { raw } = await client.workflow.getHandle(runId).describe()
    return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId
  })

const answerOf = ({ result }: { readonly result: { readonly _tag: string; readonly success?: unknown } }) =>
  result.success

describe("workers of a deployment", () => {
  it.live(
    "end a run with the version it began on, while new ones begin on the version that was made current",
    () =>
      Effect.gen(function*() {
        let release = () => {}
        const held = new Promise<void>((resolve) => {
          release = resolve
        })
        const made = yield* Working.project("rainbow", [
          { reply: { until: held, text: "Old." }, times: 1 },
          { reply: { text: "New." } }
        ])
        const project = deployed(made, made.queue)
        const place = { connection: made.client.connection, namespace: "default" }
        const blue = yield* Working.worker(project)
        const blueVersion = blue.version ?? assert.fail("no version")
        yield* Deployment.setCurrent(place, blueVersion, blue.identity)
        const [first, second] = [`old-${made.queue}`, `new-${made.queue}`]
        const running = yield* Effect.forkChild(project.run(first, "text"))
        yield* until(made.provider.requests, ({ length }) => length === 1)
        const green = yield* Working.worker(project, { code: yield* another })
        const greenVersion = green.version ?? assert.fail("no version")
        const before = yield* until(Deployment.versions(place, greenVersion), ({ length }) => length === 2)
        assert.include(Deployment.notice(project.access.server, greenVersion, before).join("\n"), "--set-current")
        yield* Deployment.setCurrent(place, greenVersion, green.identity)
        assert.deepStrictEqual(answerOf(yield* project.run(second, "text")), { text: "New." })
        release()
        assert.deepStrictEqual(answerOf(yield* Fiber.join(running)), { text: "Old." })
        const after = yield* until(
          Deployment.versions(place, greenVersion),
          (known) => known.some(({ status }) => status === "draining")
        )
        assert.deepStrictEqual(
          Object.fromEntries(after.map(({ buildId, status }) => [buildId, status])),
          { [blueVersion.buildId]: "draining", [greenVersion.buildId]: "current" }
        )
        assert.deepStrictEqual(Deployment.notice(project.access.server, greenVersion, after), [])
        assert.strictEqual(yield* buildOf(project, first), blueVersion.buildId)
        assert.strictEqual(yield* buildOf(project, second), greenVersion.buildId)
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live("are no version, and take work at once, where no deployment is named", () =>
    Effect.gen(function*() {
      const project = yield* Working.project("unversioned", [{ reply: { text: "Cats." } }])
      const worker = yield* Working.worker(project)
      assert.isUndefined(worker.version)
      const id = `unversioned-${project.queue}`
      assert.deepStrictEqual(answerOf(yield* project.run(id, "text")), { text: "Cats." })
      assert.isUndefined(yield* buildOf(project, id))
    }).pipe(Effect.provide(Folder.layer)), limit)
})

describe("pipelex worker of a deployment", () => {
  it.live(
    "says that its version is not current and which command makes it so; with --set-current it does so itself",
    () =>
      Effect.gen(function*() {
        const project = yield* Working.project("current", [{ reply: { text: "Cats." } }])
        const folder = yield* Working.home(project)
        const fs = yield* FileSystem.FileSystem
        const file = `${folder}/.pipelex/pipelex.toml`
        const table = "[temporal.worker_config]\n"
        const written = yield* fs.readFileString(file)
        yield* fs.writeFileString(file, written.replace(table, `${table}deployment_name = "${project.queue}"\n`))
        const waiting = yield* Process.start(folder)
        const said = yield* waiting.said("--build-id")
        assert.include(said, `deployment=${project.queue} build=`)
        assert.include(said, "before it is current; none is.")
        assert.match(
          said,
          /temporal worker deployment set-current-version --address \S+ --namespace default --deployment-name \S+ --build-id \S+\n/
        )
        const run = yield* Effect.forkChild(project.run(`current-${project.queue}`, "text"))
        const second = yield* Process.start(folder, ["--set-current"])
        yield* second.said("is current: new runs begin on it")
        assert.deepStrictEqual(answerOf(yield* Fiber.join(run)), { text: "Cats." })
        const { code, stdout } = yield* (yield* Process.start(folder, ["--check"])).ended
        assert.strictEqual(code, 0)
        assert.match(stdout, /this version: \S+\n {2}\S+ current/)
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )
})
