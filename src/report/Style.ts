/** How the parts of a text are shown. Applied to whole lines or words after they were cut and wrapped, so that it changes no width. */
export interface Style {
  readonly bad: (text: string) => string
  readonly good: (text: string) => string
  readonly warning: (text: string) => string
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
}

const as = (open: number, close: number) => (text: string): string =>
  text === "" ? "" : `\u001b[${open}m${text}\u001b[${close}m`
const same = (text: string): string => text

export const plain: Style = { bad: same, good: same, warning: same, strong: same, faint: same }

/** The sixteen colours that every terminal has. */
export const colour: Style = {
  bad: as(31, 39),
  good: as(32, 39),
  warning: as(33, 39),
  strong: as(1, 22),
  faint: as(2, 22)
}
