import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Configuration from "../config/Configuration.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import type { Preparing } from "./Prepare.ts"

/** What a run of a program may leave out: it is taken from the configuration of the working directory. */
export type Given = Partial<Preparing>

const platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)

/** Reads the configuration where no models are given. */
export const preparing = (given: Given): Effect.Effect<Preparing, PipeFailure> => {
  const { models } = given
  return models === undefined
    ? Configuration.loadFrom(".").pipe(
      Effect.map((configuration) => ({
        settings: configuration.settings,
        ...given,
        models: configuration.models
      })),
      Effect.provide(platform)
    )
    : Effect.succeed({ ...given, models })
}
