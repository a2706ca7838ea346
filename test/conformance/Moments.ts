/** Dates in texts. Inside a structure the reference prints them as a small table of host facts; this runtime prints ISO 8601 (`language.md` §9.1). */

/** `# when`, its parts one level deeper, and the class they make up; on one line where a list item made it so. */
const marked =
  /^(.*?#+ [^\n:]+?)(?::|\n)\s*#+ (?:date|datetime|time): ([^\n]+)\n\s*(?:#+ (?:tzinfo|utcoffset): [^\n]+\n\s*)*#+ __class__: \w+\n\s*#+ __module__: datetime$/gm

const instant = /(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.0+)?(?:Z|\+00:?00)?/g

const time = /(\d{2}:\d{2}:\d{2})\.0+(?!\d)/g

/** One spelling of the same text, whoever printed it. */
export const plain = (text: string): string =>
  text.replaceAll(marked, "$1: $2").replaceAll(instant, "$1T$2").replaceAll(time, "$1")
