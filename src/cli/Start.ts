import module from "node:module"
import process from "node:process"
import * as Version from "./Version.ts"

/**
 * The first thing that runs. It imports nothing but two modules of Node itself, so that `--version` answers at once, and so that a
 * Node too old for the rest is told so in one line instead of in a syntax error.
 */
const oldest = [22, 19] as const

const isTooOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1])
}

const asksForVersion = (argv: ReadonlyArray<string>): boolean => {
  const end = argv.indexOf("--")
  return (end < 0 ? argv : argv.slice(0, end)).some((word) => word === "--version" || word === "-V")
}

/** `load` answers the module whose `main` takes the command line from here. */
export const start = async (
  name: string,
  load: () => Promise<{ readonly main: (argv: ReadonlyArray<string>) => void }>
): Promise<void> => {
  const argv = process.argv.slice(2)
  if (isTooOld(process.versions.node)) {
    process.stderr.write(`${name} needs Node ${oldest.join(".")} or later; this is Node ${process.versions.node}\n`)
    process.exitCode = 1
    return
  }
  if (asksForVersion(argv)) {
    process.stdout.write(`${Version.lines(name, process.versions.node).join("\n")}\n`)
    return
  }
  module.enableCompileCache()
  const { main } = await load()
  main(argv)
}
