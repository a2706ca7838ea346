import * as Effect from "effect/Effect"
import { join } from "node:path"
import * as Configuration from "../../src/config/Configuration.ts"
import * as TemporalAccess from "../../src/config/TemporalAccess.ts"
import * as Plan from "../../src/temporal/worker/Plan.ts"
import * as Resources from "../../src/temporal/worker/Resources.ts"
import * as Worker from "../../src/temporal/worker/Worker.ts"

/** A worker of the project, as `pipelex worker` is one. */
export const work = Effect.fnUntraced(function*(cwd: string) {
  const environment = { get: () => undefined }
  const configuration = yield* Configuration.loadFolder(join(cwd, ".pipelex"))
  const access = yield* TemporalAccess.resolve(configuration.values, environment.get)
  const plan = yield* Plan.make(access.options, {})
  const storage = { directory: join(cwd, ".pipelex/storage") }
  yield* Worker.open({ access, plan, leaves: Resources.layer({ configuration, environment, storage, base: "/" }) })
})
