import * as CliConfig from "effect/cli/CliConfig"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"

/**
 * Flags that may stand anywhere on the line. `Streams` reads them before the line is parsed; here they are declared, so that the
 * parser takes them and `--help` lists them.
 */
const on = (name: string, description: string, alias?: string) =>
  GlobalFlag.Setting(name)({
    flag: Flag.Boolean(name).pipe(
      Flag.withDescription(description),
      (flag) => alias === undefined ? flag : Flag.withAlias(flag, alias),
      Flag.withDefault(false)
    )
  })

const off = (name: string, description: string) =>
  GlobalFlag.Setting(name)({ flag: Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(true)) })

/** Answered before anything is loaded; listed for `--help`. */
const version = GlobalFlag.Action({
  flag: Flag.Boolean("version").pipe(
    Flag.withAlias("V"),
    Flag.withDescription("Print the versions"),
    Flag.withDefault(false)
  ),
  run: () => Effect.void
})

/** What of the library's own there is. `--version` is ours, and so is what is said when. */
export const builtIns = CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Completions] })

const traceback = on("traceback", "Show where in the program an unexpected error arose")

export const forPeople = [
  version,
  on("json", "Write the result as JSON, and a problem as one JSON document on stderr"),
  on("quiet", "Say nothing but the result and what is wrong", "q"),
  off("color", "Use colours on a terminal (NO_COLOR turns them off too)"),
  off("logo", "Show the banner"),
  traceback
] as const

export const forAgents = [
  version,
  traceback,
  GlobalFlag.Setting("error-format")({
    flag: Flag.Literals("error-format", ["json", "markdown"]).pipe(
      Flag.withDescription("How a problem is written on stderr"),
      Flag.withDefault("json")
    )
  })
] as const
