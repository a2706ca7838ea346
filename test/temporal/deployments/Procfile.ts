/** The lines of a Procfile: what runners of processes start, each under its name. */
import { readFileSync } from "node:fs"
import { join } from "node:path"

export interface Line {
  readonly name: string
  readonly command: string
}

const written = /^([\w-]+): (\S.*)$/

/** Every line, in order. One that is none of a Procfile is refused. */
export const lines = (folder: string): ReadonlyArray<Line> =>
  readFileSync(join(folder, "Procfile"), "utf8").split("\n").filter((line) => line !== "").map((line) => {
    const [, name, command] = written.exec(line) ?? []
    if (name === undefined || command === undefined) throw new Error(`"${line}" is no line of a Procfile`)
    return { name, command }
  })

/** The arguments of `pipelex`, which is what these commands start. */
export const args = ({ command }: Line): ReadonlyArray<string> => {
  const [program, ...rest] = command.split(" ")
  if (program !== "pipelex") throw new Error(`"${command}" starts another program`)
  return rest
}
