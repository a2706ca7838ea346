import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Configuration from "./config/Configuration.ts"
import * as Direct from "./direct/Direct.ts"
import type { PipeFailure } from "./failure/PipeFailure.ts"
import type { PipeRunner } from "./program/PipeRunner.ts"
import * as TemporalClient from "./temporal/client/TemporalClient.ts"

/**
 * Runs pipes where the configuration says: in this process, or with `[temporal] is_enabled = true` as workflows of a Temporal server. The
 * application that asks is the same.
 */
export interface Options extends Direct.Options, Omit<TemporalClient.Options, keyof Direct.Options> {
  /** Where runs go, whatever the configuration says. */
  readonly isDurable?: boolean
}

const chosen = Effect.fnUntraced(function*(options: Options) {
  const { base = ".", functions, isDurable, isCancelledWithCaller, server, taskQueue, watch, ...shared } = options
  const configuration = options.configuration ?? (yield* Configuration.loadFrom(base))
  const layerOf: Layer.Layer<PipeRunner, PipeFailure> = isDurable ?? configuration.options.temporal.isEnabled
    ? TemporalClient.layerWith({
      ...shared,
      base,
      configuration,
      ...(functions === undefined ? {} : { functions: Object.keys(functions) }),
      ...(isCancelledWithCaller === undefined ? {} : { isCancelledWithCaller }),
      ...(server === undefined ? {} : { server }),
      ...(taskQueue === undefined ? {} : { taskQueue }),
      ...(watch === undefined ? {} : { watch })
    })
    : Direct.layerWith({ ...shared, base, configuration, ...(functions === undefined ? {} : { functions }) })
  return layerOf
})

/** Answers `PipeRunner` as the configuration of the working directory, or the one that is given, says. */
export const layerWith = (options: Options = {}) =>
  Layer.unwrap(chosen(options)).pipe(Layer.provide(Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)))

/** `layerWith` and its defaults. */
export const layer = layerWith()
