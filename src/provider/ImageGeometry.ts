import type { JsonObject } from "../concept/Json.ts"

/**
 * The shapes and sizes that image models make, and how each API is told of one. A model's `aspect_ratio` rule names one of these tables;
 * what a table does not hold, its models cannot make.
 */
export interface Geometry {
  readonly aspectRatio: string
  /** A tier, or an exact `WxH`. */
  readonly size: string | undefined
}

/** The arguments of a request, or what is impossible, as the name of a capability. */
export type Shaping = (geometry: Geometry) => JsonObject | string

type Size = readonly [width: number, height: number]
type Sizes = Readonly<Record<string, Size>>

const exact = (size: string | undefined): Size | undefined => {
  const match = /^(\d+)x(\d+)$/.exec(size ?? "")
  return match === null ? undefined : [Number(match[1]), Number(match[2])]
}

const flipped: Readonly<Record<string, string>> = {
  landscape_4_3: "portrait_3_4",
  landscape_3_2: "portrait_2_3",
  landscape_16_9: "portrait_9_16",
  landscape_21_9: "portrait_9_21",
  landscape_4_1: "portrait_1_4",
  landscape_8_1: "portrait_1_8"
}

/** Each landscape with its portrait, the same on its side. */
const bothWays = (sizes: Sizes): Sizes =>
  Object.fromEntries(
    Object.entries(sizes).flatMap(([ratio, [width, height]]): ReadonlyArray<readonly [string, Size]> => {
      const portrait = Object.hasOwn(flipped, ratio) ? flipped[ratio] : undefined
      return portrait === undefined
        ? [[ratio, [width, height]]]
        : [[ratio, [width, height]], [portrait, [height, width]]]
    })
  )

const shown = ([width, height]: Size): string => `${width}x${height}`
const noRatio = (aspectRatio: string): string => `aspect_ratio = "${aspectRatio}"`
const noSize = (size: string): string => `size = "${size}"`

const find = <A>(table: Readonly<Record<string, A>>, key: string): A | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined

const gptLegacySizes = bothWays({ square: [1024, 1024], landscape_3_2: [1536, 1024] })

/** Three sizes, no others. */
const gptImageLegacy: Shaping = ({ aspectRatio, size }) => {
  const wanted = exact(size)
  if (wanted !== undefined) {
    return Object.values(gptLegacySizes).some((known) => shown(known) === shown(wanted))
      ? { size: shown(wanted) }
      : noSize(shown(wanted))
  }
  if (size !== undefined && size !== "1k") return noSize(size)
  const known = find(gptLegacySizes, aspectRatio)
  return known === undefined ? noRatio(aspectRatio) : { size: shown(known) }
}

const gptSizes = bothWays({
  square: [1024, 1024],
  landscape_4_3: [1152, 864],
  landscape_3_2: [1536, 1024],
  landscape_16_9: [1536, 864],
  landscape_21_9: [1680, 720]
})
const gptScale: Readonly<Record<string, number>> = { "0.5k": 0.5, "1k": 1, "2k": 2, "4k": 4 }
const gptStep = 16
const gptLongestEdge = 3840
const gptSteepest = 3
const gptFewestPixels = 655_360
const gptMostPixels = 8_294_400

const isGptSize = ([width, height]: Size): boolean => {
  const long = Math.max(width, height)
  const short = Math.min(width, height)
  const pixels = width * height
  return width % gptStep === 0 && height % gptStep === 0 && long <= gptLongestEdge && long <= short * gptSteepest &&
    pixels >= gptFewestPixels && pixels <= gptMostPixels
}

/** Any size within limits; a tier multiplies the sizes of the first. */
const gptImage2: Shaping = ({ aspectRatio, size }) => {
  const wanted = exact(size)
  if (wanted !== undefined) return isGptSize(wanted) ? { size: shown(wanted) } : noSize(shown(wanted))
  const base = find(gptSizes, aspectRatio)
  if (base === undefined) return noRatio(aspectRatio)
  const tier = size ?? "1k"
  const scale = find(gptScale, tier)
  const scaled: Size = [base[0] * (scale ?? 0), base[1] * (scale ?? 0)]
  return isGptSize(scaled) ? { size: shown(scaled) } : noSize(tier)
}

const fluxNames: Readonly<Record<string, string>> = {
  square: "square_hd",
  landscape_4_3: "landscape_4_3",
  landscape_16_9: "landscape_16_9",
  portrait_3_4: "portrait_4_3",
  portrait_9_16: "portrait_16_9"
}
/** Ratios that have no name there, at about a megapixel. */
const fluxSizes = bothWays({ landscape_3_2: [1248, 832], landscape_21_9: [1568, 672] })

const inPixels = ([width, height]: Size): JsonObject => ({ width, height })

const flux: Shaping = ({ aspectRatio, size }) => {
  const wanted = exact(size)
  if (wanted !== undefined) return { image_size: inPixels(wanted) }
  if (size !== undefined && size !== "1k") return noSize(size)
  const sized = find(fluxSizes, aspectRatio)
  const image_size = sized === undefined ? find(fluxNames, aspectRatio) : inPixels(sized)
  return image_size === undefined ? noRatio(aspectRatio) : { image_size }
}

/** `16:9` for `landscape_16_9`. */
const colon = (aspectRatio: string): string =>
  aspectRatio === "square" ? "1:1" : aspectRatio.replace(/^[a-z]+_(\d+)_(\d+)$/, "$1:$2")

const common: ReadonlyArray<string> = [
  "square",
  "landscape_4_3",
  "landscape_3_2",
  "landscape_16_9",
  "landscape_21_9",
  "portrait_3_4",
  "portrait_2_3",
  "portrait_9_16"
]
const banners: ReadonlyArray<string> = ["landscape_4_1", "landscape_8_1", "portrait_1_4", "portrait_1_8"]

/** Ratios by name, and no choice of size. */
const flux11Ultra: Shaping = ({ aspectRatio, size }) => {
  if (size !== undefined) return noSize(size)
  return common.includes(aspectRatio) || aspectRatio === "portrait_9_21"
    ? { aspect_ratio: colon(aspectRatio) }
    : noRatio(aspectRatio)
}

const qwenSizes = bothWays({
  square: [1328, 1328],
  landscape_4_3: [1472, 1104],
  landscape_3_2: [1584, 1056],
  landscape_16_9: [1664, 928]
})

const qwenImage: Shaping = ({ aspectRatio, size }) => {
  const wanted = exact(size)
  if (wanted !== undefined) return inPixels(wanted)
  if (size !== undefined && size !== "1k") return noSize(size)
  const sized = find(qwenSizes, aspectRatio)
  return sized === undefined ? noRatio(aspectRatio) : inPixels(sized)
}

/** Ratios and tiers by name; a model of a single size is not told it. */
const gemini = (ratios: ReadonlyArray<string>, tiers: ReadonlyArray<string>): Shaping => ({ aspectRatio, size }) => {
  if (size !== undefined && !tiers.includes(size)) return noSize(size)
  if (!ratios.includes(aspectRatio)) return noRatio(aspectRatio)
  return {
    imageConfig: {
      aspectRatio: colon(aspectRatio),
      ...(size === undefined || tiers.length === 1 ? {} : { imageSize: size.toUpperCase() })
    }
  }
}

/** The values of the `aspect_ratio` rule. */
export const shapings: Readonly<Record<string, Shaping>> = {
  gpt_image_legacy: gptImageLegacy,
  gpt_image_2: gptImage2,
  flux,
  flux_11_ultra: flux11Ultra,
  qwen_image: qwenImage,
  gemini_2_5: gemini(common, ["1k"]),
  gemini_3_pro: gemini(common, ["1k", "2k", "4k"]),
  gemini_3_flash: gemini([...common, ...banners], ["1k", "2k", "4k"]),
  gemini_3_flash_lite: gemini([...common, ...banners], ["1k"])
}

/** Without a rule nothing is said of the shape: only what is the default anyway can be had. */
export const unshaped: Shaping = ({ aspectRatio, size }) =>
  size !== undefined ? noSize(size) : aspectRatio === "square" ? {} : noRatio(aspectRatio)
