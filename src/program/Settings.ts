/**
 * What a run obeys besides its method, as plain data that travels with it. Inner rings never read configuration: `config/` makes this
 * from the layers of `.pipelex/`, and a run carries it.
 */
export interface Settings {
  /** How many items of a batch run at once. */
  readonly maxConcurrency: number | "unbounded"
  /** Whether the first item of a batch that fails ends the run, or what fails is recorded and left out. */
  readonly onItemFailure: "fail" | "collect"
  /** How deep pipes may call pipes. */
  readonly pipeStackLimit: number
  /** Appended to the prompt of a structured request; reads `class_structure_str`. */
  readonly structurePrompt: string
  /** The prompt of a structuring step; reads `text`. */
  readonly structuringPrompt: string
  readonly isStructurePromptEnabled: boolean
  readonly pageViewsDpi: number
  readonly tagStyle: "xml" | "ticks" | "square_brackets" | "no_tag"
  readonly textFormat: "plain" | "markdown" | "html" | "json"
  readonly imgGen: ImgGenDefaults
  readonly dryRun: DryRunSettings
}

/** The shapes an image may be asked for in. */
export const aspectRatios = [
  "square",
  "landscape_4_3",
  "landscape_3_2",
  "landscape_16_9",
  "landscape_21_9",
  "landscape_4_1",
  "landscape_8_1",
  "portrait_3_4",
  "portrait_2_3",
  "portrait_9_16",
  "portrait_9_21",
  "portrait_1_4",
  "portrait_1_8"
] as const

/** What an image request says where neither the pipe nor the model's settings do. */
export interface ImgGenDefaults {
  readonly nbSteps?: number
  readonly quality?: "low" | "medium" | "high"
  readonly aspectRatio: string
  readonly guidanceScale: number
  readonly background: "transparent" | "opaque" | "auto"
  readonly isModerated: boolean
  readonly safetyTolerance: number
  readonly isRaw: boolean
  readonly outputFormat?: "png" | "jpeg" | "webp"
  readonly seed: number | "auto"
}

/** How large the mocks of a dry run are. */
export interface DryRunSettings {
  readonly nbListItems: number
  readonly nbExtractPages: number
  readonly textGenTruncateLength: number
  readonly imageUrls: ReadonlyArray<string>
  /** References of pipes whose dry run may fail without making the method invalid. */
  readonly allowedToFailPipes: ReadonlyArray<string>
}

/** What holds where no configuration says otherwise. The packaged `pipelex.toml` says the same, and a test keeps the two equal. */
export const defaults: Settings = {
  maxConcurrency: 8,
  onItemFailure: "fail",
  pipeStackLimit: 20,
  structurePrompt: `

---
The instance we want to generate will be for the following class:
{{ class_structure_str }}

DO NOT create information.
If some information is not present for an attribute, output the default value or None according to the attribute definition.`,
  structuringPrompt:
    `Read the text below carefully and produce the structured output that is asked for, from what it says alone.

---
{{ text }}`,
  isStructurePromptEnabled: true,
  pageViewsDpi: 72,
  tagStyle: "xml",
  textFormat: "plain",
  imgGen: {
    nbSteps: 28,
    quality: "low",
    aspectRatio: "square",
    guidanceScale: 2.5,
    background: "auto",
    isModerated: true,
    safetyTolerance: 5,
    isRaw: false,
    seed: "auto"
  },
  dryRun: {
    nbListItems: 3,
    nbExtractPages: 4,
    textGenTruncateLength: 256,
    imageUrls: ["https://picsum.photos/id/10/1024/1024.jpg", "https://picsum.photos/id/20/1024/1024.jpg"],
    allowedToFailPipes: []
  }
}
