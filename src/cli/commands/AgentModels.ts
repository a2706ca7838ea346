import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Flags from "./Flags.ts"

/** `pipelex-agent models` and `check-model`: the lines' shapes. */
const load = Effect.promise(() => import("../AgentModels.ts"))

const types = ["llm", "extract", "img_gen", "search", "judgment"] as const
const format = Flags.oneOf("format", ["json", "markdown"], "How to write the result (default: markdown)")

export const models = Command.make(
  "models",
  {
    types: Flag.Literals("type", types).pipe(
      Flag.withAlias("t"),
      Flag.withDescription("Only this type; may be given again"),
      Flag.atLeast(0)
    ),
    backend: Flags.text("backend", "Only names that lead to a model of this backend", "b"),
    format
  },
  (line) => Effect.flatMap(load, (module) => module.models(line))
).pipe(Command.withDescription("The names a method may give its models"))

export const checkModel = Command.make(
  "check-model",
  {
    name: Argument.String("name").pipe(Argument.withDescription("$preset, @alias, ~waterfall or a model's handle")),
    type: Flag.Literals("type", types).pipe(Flag.withAlias("t"), Flag.withDescription("What the model is for")),
    format
  },
  (line) => Effect.flatMap(load, (module) => module.check(line))
).pipe(Command.withDescription("Tell whether a name stands for a model"))
