import * as Command from "effect/cli/Command"
import { attach } from "./commands/Attach.ts"
import { build } from "./commands/Build.ts"
import { cancel } from "./commands/Cancel.ts"
import { codecServer } from "./commands/CodecServer.ts"
import { resolve } from "./commands/Resolve.ts"
import { result } from "./commands/Result.ts"
import { resume } from "./commands/Resume.ts"
import { run } from "./commands/Run.ts"
import { runs } from "./commands/Runs.ts"
import { doctor, init } from "./commands/Setup.ts"
import { setupNamespace } from "./commands/SetupNamespace.ts"
import { show } from "./commands/Show.ts"
import { status } from "./commands/Status.ts"
import { validate } from "./commands/Validate.ts"
import { which } from "./commands/Which.ts"
import { worker } from "./commands/Worker.ts"
import * as GlobalFlags from "./GlobalFlags.ts"
import { launch } from "./Launch.ts"
import * as Streams from "./Streams.ts"

/** The command line for people. */
const commands = [
  run,
  validate,
  show,
  which,
  build,
  resolve,
  init,
  doctor,
  worker,
  attach,
  result,
  resume,
  status,
  cancel,
  runs,
  setupNamespace,
  codecServer
] as const

const pipelex = Command.make("pipelex").pipe(
  Command.withDescription("Run and check MTHDS methods"),
  Command.withSubcommands(commands),
  Command.withGlobalFlags(GlobalFlags.forPeople)
)

export const main = (argv: ReadonlyArray<string>): void => {
  const streams = Streams.make(Streams.audience(argv))
  launch({ name: "pipelex", command: pipelex, commands: commands.map(({ name }) => name), streams }, argv)
}
