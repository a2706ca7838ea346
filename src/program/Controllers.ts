const types: ReadonlySet<string> = new Set(["PipeSequence", "PipeParallel", "PipeCondition", "PipeBatch"])

/** Whether pipes of the type call other pipes; the others are operators, whose work is their leaves'. */
export const isController = (type: string): boolean => types.has(type)
