import * as Command from "effect/cli/Command"
import { inputs, validate } from "./commands/AgentChecks.ts"
import { checkModel, models } from "./commands/AgentModels.ts"
import { run } from "./commands/AgentRun.ts"
import { agentDoctor, agentInit } from "./commands/Setup.ts"
import * as GlobalFlags from "./GlobalFlags.ts"
import { launch } from "./Launch.ts"
import * as Streams from "./Streams.ts"

/** The command line for programs: one result on stdout, or one problem document on stderr. */
const commands = [run, validate, inputs, models, checkModel, agentInit, agentDoctor] as const

const agent = Command.make("pipelex-agent").pipe(
  Command.withDescription("Run and check MTHDS methods, for programs"),
  Command.withSubcommands(commands),
  Command.withGlobalFlags(GlobalFlags.forAgents)
)

const kinds: ReadonlySet<string> = new Set(["bundle", "pipe", "method"])

/** `validate --all` is the short form of `validate pipe --all`. */
const spelledOut = (argv: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [first = "", ...rest] = argv
  const isShort = first === "validate" && rest.some((word) => word === "--all" || word === "-a") &&
    !rest.some((word) => kinds.has(word))
  return isShort ? [first, "pipe", ...rest] : argv
}

export const main = (argv: ReadonlyArray<string>): void => {
  launch({
    name: "pipelex-agent",
    command: agent,
    commands: commands.map(({ name }) => name),
    streams: Streams.make(Streams.agentAudience(argv))
  }, spelledOut(argv))
}
