/** A run that calls a provider: the product's own layer, its backends led to the fake provider. */
import * as Layer from "effect/Layer"
import { join } from "node:path"
import type { Backend } from "../../src/config/Backends.ts"
import type { Configuration } from "../../src/config/Configuration.ts"
import * as Direct from "../../src/direct/Direct.ts"
import type { FakeProvider } from "../fake/FakeProvider.ts"
import type { Durably } from "../temporal/Durably.ts"

export interface Wiring {
  readonly provider: Pick<FakeProvider, "url">
  /** Of one request, in place of what is configured. */
  readonly timeoutSeconds?: number
  /** Runs the case as workflows, and keeps its artefacts in a folder of this one. */
  readonly durable?: Durable | undefined
}

export interface Durable extends Durably {
  readonly folder: string
}

const host = /^http:\/\/127\.0\.0\.1:\d+/

/** Only what is on this machine is led elsewhere: no case ever calls a real provider. */
const led = (url: string) => (backend: Backend): Backend =>
  backend.endpoint === undefined ? backend : { ...backend, endpoint: backend.endpoint.replace(host, url) }

const wired = (configuration: Configuration, { provider, timeoutSeconds }: Wiring): Configuration => {
  const { inference, options } = configuration
  return {
    ...configuration,
    inference: { ...inference, backends: inference.backends.map(led(provider.url)) },
    options: timeoutSeconds === undefined
      ? options
      : { ...options, inference: { ...options.inference, requestTimeoutSeconds: timeoutSeconds } }
  }
}

/** The layer, and what it reads files and keeps artefacts with. */
export const layer = (configuration: Configuration, wiring: Wiring, base: string, runId: string) => {
  const { durable } = wiring
  const shared = { configuration: wired(configuration, wiring), environment: { get: () => undefined }, base }
  if (durable === undefined) {
    const options: Direct.Options = { ...shared, storage: "memory" }
    return Layer.provideMerge(Direct.layerWith(options), Direct.resources(options))
  }
  const directory = join(durable.folder, runId)
  return Layer.merge(
    durable.layer({ ...shared, directory, runId }),
    Direct.resources({ ...shared, storage: { directory } })
  )
}
