import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import process from "node:process"
import * as Configuration from "../config/Configuration.ts"
import * as Credentials from "../config/Credentials.ts"
import * as Environment from "../config/Environment.ts"
import * as Locations from "../config/Locations.ts"
import * as Serving from "../config/Serving.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import * as Adapters from "../provider/Adapters.ts"
import * as Fetch from "../provider/transport/Fetch.ts"
import { plural } from "../report/Amounts.ts"
import * as DoctorChecks from "./DoctorChecks.ts"
import { Ended } from "./Exit.ts"
import * as Findings from "./Findings.ts"
import { Streams } from "./Streams.ts"

/** `doctor`: what of an installation works and what does not, and what would mend it. Calls nobody without `--online`. */
export interface DoctorOptions {
  readonly online: boolean
  /** The home configuration alone, whatever project one is in. */
  readonly global: boolean
}

/** Oldest Node that this program is tried on: `engines` of package.json. */
export const oldestNode = [22, 19] as const

/** Whether a Node of this version is new enough. */
export const isNodeNew = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
}

const node = (version: string): Findings.Section => ({
  name: "node",
  title: "Node",
  findings: [
    isNodeNew(version)
      ? Findings.ok(`Node ${version}`)
      : Findings.error(`Node ${version} is too old`, `Install Node ${oldestNode.join(".")} or newer.`)
  ]
})

/** Files of a folder that is taken whole are counted, the others named. */
const layers = (files: ReadonlyArray<string>): ReadonlyArray<string> => {
  const whole = files.map((file) => /^(.*[/\\]inference[/\\](?:backends|deck))[/\\]/.exec(file)?.[1])
  const folders = Array.from(new Set(whole.filter((folder) => folder !== undefined)))
  return [
    ...files.filter((_, at) => whole[at] === undefined),
    ...folders.map((folder) => `${folder} (${plural(whole.filter((each) => each === folder).length, "file")})`)
  ]
}

const location = (locations: Locations.Locations, files: ReadonlyArray<string>): Findings.Section => ({
  name: "config_location",
  title: "Configuration location",
  findings: [
    Findings.ok(locations.project === undefined ? "no project folder" : `project: ${locations.project}`),
    Findings.ok(locations.home === undefined ? "no home folder" : `home: ${locations.home}`),
    Findings.ok(`environment ${locations.environment}, run mode ${locations.runMode}`),
    ...layers(files).map((file) => Findings.ok(`read: ${file}`))
  ]
})

const configFiles = (finding: Findings.Finding): Findings.Section => ({
  name: "config_files",
  title: "Configuration files",
  findings: [finding]
})

const faulty = ({ message, reason, suggestedAction }: PipeFailure): Findings.Finding => {
  const file = reason._tag === "ConfigInvalid" ? reason.file : undefined
  return Findings.error(
    file === undefined || message.includes(file) ? message : `${file}: ${message}`,
    suggestedAction.detail
  )
}

const sectionsOf = Effect.fnUntraced(function*(examined: DoctorChecks.Examined, { online }: DoctorOptions) {
  const sections: ReadonlyArray<Findings.Section> = [
    { name: "environment", title: "Variables", findings: DoctorChecks.variables(examined) },
    { name: "backend_credentials", title: "Backends", findings: DoctorChecks.credentials(examined) },
    {
      name: "models",
      title: `Models (routing profile ${examined.configuration.inference.profile.name})`,
      findings: DoctorChecks.models(examined)
    },
    ...(online ? [{ name: "online", title: "Providers", findings: yield* DoctorChecks.online(examined) }] : [])
  ]
  return sections
})

/** Every section, as far as one could come. */
export const examine = Effect.fn("Doctor.examine")(function*(options: DoctorOptions) {
  const found = yield* Locations.find(process.cwd())
  const { project: _, ...atHome } = found
  const locations: Locations.Locations = options.global ? atHome : found
  const environment = yield* Environment.load(locations)
  const loaded = yield* Effect.result(Configuration.load(locations))
  if (Result.isFailure(loaded)) {
    return [node(process.versions.node), location(locations, []), configFiles(faulty(loaded.failure))]
  }
  const configuration = loaded.success
  const backends = Credentials.configuredBy(configuration.inference.backends, environment.get).filter((backend) =>
    backend.isEnabled && Serving.isNetwork(backend)
  )
  const live = Configuration.live(configuration, { variables: environment.get, isAdapted: Adapters.isAdapted })
  return [
    node(process.versions.node),
    location(locations, configuration.files.filter((file) => !file.startsWith(locations.packaged))),
    configFiles(Findings.ok(`${plural(configuration.files.length, "file")} read, all valid`)),
    ...(yield* sectionsOf({ configuration, environment, live, backends }, options))
  ]
})

export const doctor = Effect.fn("Doctor.doctor")(function*(options: DoctorOptions) {
  const streams = yield* Streams
  const sections = yield* Effect.provide(examine(options), Fetch.layer)
  const { audience, out } = streams
  yield* audience.reader === "program" && audience.format === "markdown"
    ? streams.result(Findings.markdown(sections))
    : streams.answer({ json: () => Findings.toJson(sections), lines: () => Findings.lines(sections, out) })
  yield* Findings.isHealthy(sections) ? Effect.void : Effect.fail(new Ended({ code: 1 }))
})
