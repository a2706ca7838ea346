/** What `--version` prints. A test keeps the first equal to package.json. */
export const program = "0.1.0"
/** The version of the MTHDS standard that is implemented. */
export const standard = "0.4.1"

export const lines = (
  name: string,
  node: string
): ReadonlyArray<string> => [`${name} ${program}`, `MTHDS standard ${standard}`, `Node ${node}`]
