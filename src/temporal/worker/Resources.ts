import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Layer from "effect/Layer"
import * as Configuration from "../../config/Configuration.ts"
import type { Environment } from "../../config/Environment.ts"
import * as Direct from "../../direct/Direct.ts"
import { Leaves } from "../../program/Leaves.ts"
import * as Adapters from "../../provider/Adapters.ts"
import * as Connections from "../../provider/Connections.ts"
import * as Handlers from "../../provider/Handlers.ts"
import type { HostFunctions } from "../../provider/HostFunctions.ts"

/** What answers the leaves of a worker. */
export interface Options {
  readonly configuration: Configuration.Configuration
  /** Where the secrets of backends are looked up. */
  readonly environment: Pick<Environment, "get">
  readonly functions?: HostFunctions
  /** Folder that relative file paths start from. Default: the working directory. */
  readonly base?: string
  readonly storage?: Direct.Options["storage"]
}

/**
 * The handlers of a run in one process, with this machine's files, artefacts and keys. Which model a job is for was decided where the run
 * was submitted: a backend that this worker has no key for is refused, and never stood in for.
 */
export const layer = ({ base, configuration, environment, functions = {}, storage }: Options) => {
  const { connections } = Configuration.live(configuration, {
    variables: environment.get,
    isAdapted: Adapters.isAdapted
  })
  const handlers = Handlers.make({
    answering: { _tag: "Backends", connections: Connections.make(connections.get) },
    inference: configuration.options.inference,
    simulated: configuration.options.simulated,
    functions
  })
  return Layer.effect(Leaves, handlers).pipe(
    Layer.provide(Direct.resources({
      configuration,
      ...(base === undefined ? {} : { base }),
      ...(storage === undefined ? {} : { storage })
    })),
    Layer.provide(Layer.merge(NodeFileSystem.layer, NodePath.layer))
  )
}
